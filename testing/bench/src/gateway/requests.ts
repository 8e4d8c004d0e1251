/** What is asked for, by whom: requests of signed-in users as a load balancer forwards those of a browser. */
import { forge } from "../sessions.ts"

const users = 100

/** The header lines of a browser's request behind a load balancer, without those of its user. */
const browser = (index: number): Record<string, string> => ({
  "X-Forwarded-For": `203.0.113.${index + 1}`,
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Port": "443",
  Host: "app.example.com",
  "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
  "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Windows"',
  "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  Accept: "*/*",
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "cors",
  "Sec-Fetch-Dest": "empty",
  Referer: "https://app.example.com/dashboard",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-GB,en;q=0.9",
  Cookie: `theme=dark; _streamlit_xsrf=2|${String(index).padStart(8, "0")}|e7f7d0d9cb0c9e5c5a3b9d5fbb5b6f0a|1763740800`
})

export interface BenchUser {
  readonly email: string
  /** As the load balancer forwards them. */
  readonly signedIn: Readonly<Record<string, string>>
  /** The same bytes under names that mean nothing: what has no authentication passes them on. */
  readonly renamed: Readonly<Record<string, string>>
}

export const makeUsers = (): Promise<ReadonlyArray<BenchUser>> =>
  Promise.all(
    Array.from({ length: users }, async (_, index) => {
      const email = `user${index}@example.com`
      const tokens = Object.entries(await forge.headers({ email, groups: ["staff", "developers"] }))
      return {
        email,
        signedIn: { ...browser(index), ...Object.fromEntries(tokens) },
        renamed: { ...browser(index), ...Object.fromEntries(tokens.map(([name, value]) => [`y${name.slice(1)}`, value])) }
      }
    })
  )
