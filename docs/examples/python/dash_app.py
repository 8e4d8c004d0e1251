"""A Dash app: `gunicorn --bind 127.0.0.1:8050 --threads 8 dash_app:server`. A callback's request is Flask's."""

from dash import Dash, Input, Output, State, callback, dcc, html
from flask import request

from gateway_user import get_auth_user

app = Dash(__name__, title="Dash")
server = app.server

app.layout = html.Div(
    [
        html.H1("A Dash app behind cognito-auth"),
        html.P(id="user"),
        html.Label(["Your name ", dcc.Input(id="name", type="text")]),
        html.Button("Greet", id="greet"),
        html.P(id="greeting"),
    ]
)


# The layout is one for all users: what depends on the user is filled in by a callback, which Dash calls when the page is loaded, too.
@callback(Output("user", "children"), Input("user", "id"))
def show_user(_id: str) -> str:
    return f"Signed in as {get_auth_user(request).email}"


@callback(Output("greeting", "children"), Input("greet", "n_clicks"), State("name", "value"), prevent_initial_call=True)
def greet(_clicks: int, name: str) -> str:
    return f"Hello {name}! Logged in as {get_auth_user(request).email}"
