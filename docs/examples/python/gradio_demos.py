"""Two Gradio apps: a public one for every user that the policy admits, and an administrators' one."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import gradio as gr

from gateway_user import get_auth_user


def greet(name: str, request: gr.Request) -> str:
    user = get_auth_user(request)
    return f"Hello {name}! Logged in as {user.email}"


async def count(to: float, request: gr.Request) -> AsyncIterator[str]:
    """Streams: each piece is shown as it comes."""
    user = get_auth_user(request)
    lines = []
    for number in range(1, int(to) + 1):
        lines.append(f"{number} for {user.email}")
        yield "\n".join(lines)
        await asyncio.sleep(0.3)


def shout(path: str, request: gr.Request) -> str:
    """Takes a file, and gives one back."""
    user = get_auth_user(request)
    target = Path(tempfile.mkdtemp()) / "shouted.txt"
    target.write_text(f"{Path(path).read_text().upper()}\nfor {user.email}\n")
    return str(target)


def admin_panel(request: gr.Request) -> str:
    user = get_auth_user(request)
    # The gateway's path rule, or the mount's requirement, admits nobody else here, so an app without this check is safe, too.
    if not (user.is_admin or user.is_in("admins")):
        raise gr.Error("Only administrators may see this.")
    return f"Admin panel for {user.email}"


with gr.Blocks(title="Public") as public_demo:
    gr.Markdown("# A Gradio app behind cognito-auth")
    with gr.Tab("Greeting"):
        name = gr.Textbox(label="Your name")
        greeting = gr.Textbox(label="Greeting")
        gr.Button("Greet").click(greet, name, greeting, api_name="greet")
    with gr.Tab("Counting"):
        to = gr.Number(label="Count to", value=3, precision=0)
        counted = gr.Textbox(label="Counted", lines=5)
        gr.Button("Count").click(count, to, counted, api_name="count")
    with gr.Tab("Files"):
        file = gr.File(label="A text file", type="filepath")
        shouted = gr.File(label="Shouted")
        gr.Button("Shout").click(shout, file, shouted, api_name="shout")

with gr.Blocks(title="Admin") as admin_demo:
    gr.Markdown("# Administration")
    panel = gr.Textbox(label="Panel")
    gr.Button("Open").click(admin_panel, None, panel, api_name="admin_panel")

# A streaming function holds its place for as long as it runs: by default, one user at a time.
public_demo.queue(default_concurrency_limit=None)
