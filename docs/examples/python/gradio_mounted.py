"""Two Gradio apps in one FastAPI app: `uvicorn gradio_mounted:app --host 127.0.0.1 --port 7860`.

Behind the gateway, `--path-rule '/admin=group:admins'` keeps everybody else from the second.
"""

import gradio as gr
from fastapi import FastAPI

from gradio_demos import admin_demo, public_demo

app = FastAPI()


@app.get("/health")
def health() -> str:
    return "ok"


# The longer path first: an app that is mounted at "/" handles every path.
app = gr.mount_gradio_app(app, admin_demo, path="/admin", footer_links=[])
app = gr.mount_gradio_app(app, public_demo, path="/", footer_links=[])
