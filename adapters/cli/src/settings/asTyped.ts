/** A fault names its option as code does, `keysPort`; whoever typed a command is told of `--keys-port`. */
import type { Fault } from "@cognito-auth/core"

/** The faults with every option of the command's named as its help does. `flags` are the long ones: `--keys-port`. */
export const asTyped = (faults: ReadonlyArray<Fault>, flags: ReadonlyArray<string>): ReadonlyArray<Fault> =>
  faults.map(({ setting, problem }) => ({
    // A variable may follow the name: `userPoolId (COGNITO_AUTH_USER_POOL_ID)`. Of what may be repeated, code has a list: `rules`.
    setting: setting.replace(
      /^\w+(?=$| \()/,
      (name) => flags.find((flag) => name === toOptionName(flag) || name === `${toOptionName(flag)}s`) ?? name
    ),
    problem
  }))

/** As commander and the settings name an option: `--alb-keys-url` is `albKeysUrl`. */
export const toOptionName = (flag: string): string =>
  flag.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
