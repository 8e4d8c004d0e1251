/** Encryption of values that only this load balancer can read and write: AES-256-GCM with a key that exists only in this process. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

export interface Seal {
  /** The encrypted value as base64url. The purpose is authenticated: a value for one cannot be opened for another. */
  readonly seal: (purpose: string, value: unknown) => string
  /** The value; `undefined` if this seal did not write the string, or not for this purpose. */
  readonly open: (purpose: string, text: string) => unknown
}

const ivLength = 12
const tagLength = 16

export const makeSeal = (): Seal => {
  const key = randomBytes(32)
  return {
    seal: (purpose, value) => {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagLength }).setAAD(Buffer.from(purpose))
      const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(value), "utf8"), cipher.final(), cipher.getAuthTag()])
      return sealed.toString("base64url")
    },
    open: (purpose, text) => {
      const sealed = Buffer.from(text, "base64url")
      if (sealed.length < ivLength + tagLength) return undefined
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivLength), { authTagLength: tagLength })
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-tagLength))
      try {
        return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()]).toString("utf8"))
      } catch {
        return undefined
      }
    }
  }
}
