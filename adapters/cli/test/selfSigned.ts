/** A self-signed certificate for `localhost`, valid until any time: node:crypto makes keys, and no certificates (RFC 5280). */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto"

const der = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
const sequence = (...parts: ReadonlyArray<Uint8Array>) => der(0x30, ...parts)
const hex = (text: string) => Buffer.from(text, "hex")

const ecdsaWithSha256 = sequence(der(0x06, hex("2a8648ce3d040302")))
const commonName = (name: string) => sequence(der(0x31, sequence(der(0x06, hex("550403")), der(0x0c, Buffer.from(name)))))
const time = (date: Date) =>
  der(
    0x18,
    Buffer.from(
      `${date
        .toISOString()
        .replace(/[-:T]|\.\d+/g, "")
        .slice(0, 14)}Z`
    )
  )
const extension = (oid: string, value: Uint8Array) => sequence(der(0x06, hex(oid)), der(0x04, value))

export const selfSigned = (until: Date): { readonly cert: string; readonly key: string } => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = commonName("localhost")
  const certificate = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(time(new Date("2020-01-01T00:00:00Z")), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        extension("551d13", sequence(der(0x01, Buffer.from([255])))),
        extension("551d11", sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1]))))
      )
    )
  )
  const signature = sign("sha256", certificate, privateKey)
  const bytes = sequence(certificate, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  }
}
