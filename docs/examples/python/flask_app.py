"""A Flask app with a WebSocket: `gunicorn --bind 127.0.0.1:8000 --threads 8 flask_app:app`.

Behind the gateway, `--path-rule '/admin=group:admins'` keeps everybody else from the administrators' page.
"""

from flask import Flask, abort, render_template_string, request
from flask_sock import Sock
from simple_websocket import Server
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway_user import get_auth_user

app = Flask(__name__)
# The load balancer and the gateway: X-Forwarded-For and -Proto are believed only as far as those two have written them.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=2, x_proto=1)
sock = Sock(app)

page = """<!doctype html>
<html lang="en">
<title>Flask</title>
<h1>A Flask app behind cognito-auth</h1>
<p>Signed in as {{ user.email }}, from {{ request.remote_addr }}</p>
<form><label>Message <input name="message"></label> <button>Send</button></form>
<p role="status">connecting</p>
<ul></ul>
<script>
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/chat`)
  const say = (state) => (document.querySelector("[role=status]").textContent = state)
  socket.onopen = () => say("connected")
  socket.onclose = () => say("disconnected")
  socket.onmessage = ({ data }) => document.querySelector("ul").appendChild(document.createElement("li")).append(data)
  document.forms[0].onsubmit = (event) => {
    event.preventDefault()
    socket.send(event.target.message.value)
  }
</script>
"""


@app.get("/health")
def health() -> str:
    return "ok"


@app.get("/")
def index() -> str:
    return render_template_string(page, user=get_auth_user(request))


@app.get("/admin")
def admin() -> str:
    user = get_auth_user(request)
    # The gateway's path rule admits nobody else here, so an app without this check is safe, too.
    if not user.is_in("admins"):
        abort(403)
    return f"Admin page for {user.email}"


@sock.route("/chat")
def chat(socket: Server) -> None:
    user = get_auth_user(request)
    while True:
        socket.send(f"{user.email} says {socket.receive()}")
