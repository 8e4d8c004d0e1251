// npm run test:cognito: the tests with moto as Cognito and Secrets Manager, which is installed into adapters/node/test/cognito/.venv.
// An argument is a part of the paths of the test files to run.
import { installVenv, run } from "./pythonVenv.mjs"

const python = installVenv("adapters/node/test/cognito")
run("vitest", ["run", "--config", "adapters/node/test/cognito/vitest.config.ts", ...process.argv.slice(2)], {
  env: { ...process.env, COGNITO_PYTHON: python }
})
