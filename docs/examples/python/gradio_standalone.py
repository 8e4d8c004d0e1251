"""One Gradio app by itself, on 127.0.0.1 alone: `python gradio_standalone.py`, or `python gradio_standalone.py admin`.

Behind the gateway it is the whole app; GradioAuth mounts several such processes under several paths. The port is
GRADIO_SERVER_PORT, or else the first free one from 7860 on.
"""

import sys

from gradio_demos import admin_demo, public_demo

if __name__ == "__main__":
    demo = admin_demo if sys.argv[1:] == ["admin"] else public_demo
    demo.launch(server_name="127.0.0.1", footer_links=[])
