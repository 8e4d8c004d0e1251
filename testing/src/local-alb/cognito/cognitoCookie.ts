/** The name of the cookie in which a browser keeps its session with the user pool. */
export const cognitoCookie = "local-cognito"
