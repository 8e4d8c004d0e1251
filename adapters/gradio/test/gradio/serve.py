"""The example's apps, with a log of every request that reaches them: `serve.py (public|admin|mounted) PORT`."""

import os
import sys
from pathlib import Path

import uvicorn

os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "docs/examples/python"))

import gradio_demos as demos


class AccessLog:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            print("ACCESS", scope.get("method", "WS"), scope["path"], flush=True)
        await self.app(scope, receive, send)


which, port = sys.argv[1], int(sys.argv[2])
if which == "mounted":
    import gradio_mounted as mounted

    uvicorn.run(AccessLog(mounted.app), host="127.0.0.1", port=port, log_level="warning")
else:
    from starlette.middleware import Middleware

    demo = demos.admin_demo if which == "admin" else demos.public_demo
    demo.launch(
        server_name="127.0.0.1", server_port=port, footer_links=[], quiet=True, app_kwargs={"middleware": [Middleware(AccessLog)]}
    )
