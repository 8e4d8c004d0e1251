"""A Streamlit app: `streamlit run streamlit_app.py --server.address 127.0.0.1 --server.port 8501`.

Streamlit sends what its users do over a WebSocket. Whose it is stays as it was when the WebSocket was opened; the gateway closes it when
the session ends.
"""

import streamlit as st

from gateway_user import get_auth_user

user = get_auth_user(st.context)

st.title("A Streamlit app behind cognito-auth")
st.write(f"Signed in as {user.email}")

name = st.text_input("Your name")
if st.button("Greet"):
    st.write(f"Hello {name}! Logged in as {user.email}")
