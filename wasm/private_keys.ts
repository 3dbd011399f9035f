// SPDX-License-Identifier: Apache-2.0
/**
 * Encrypted private keys, on the desktop: boards have neither the code nor the memory for it.
 *
 * @module
 */
import { createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Loadable } from "../modules/certificates.ts";
import { failure, reasonOf } from "../modules/errors.ts";
import { ERR_BAD_KEY } from "../modules/errors.gen.ts";

/** PEM blocks, one by one. */
const BLOCKS = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;

const open = function (read: () => KeyObject): string {
    try {
        return read().export({ type: "pkcs8", format: "der" }).toString("latin1");
    } catch (error) {
        const detail = `its passphrase does not fit, or it is damaged (${reasonOf(error)})`;
        throw failure(ERR_BAD_KEY, { item: "key", detail });
    }
};

/** PKCS#8 (RFC 5958), or the older form, in which a header says so (RFC 1421). */
const isEncrypted = function (block: string): boolean {
    return /^-----BEGIN ENCRYPTED /.test(block) || /^Proc-Type: 4,ENCRYPTED/m.test(block);
};

/** SEQUENCE { SEQUENCE { OBJECT IDENTIFIER …: only an EncryptedPrivateKeyInfo begins like that. */
const isEncryptedDer = function (data: Buffer): boolean {
    const text = data.toString("latin1", 0, 16);
    return /^0(?:[\0-\x7f]|\x81.|\x82..)0(?:[\0-\x7f]|\x81.|\x82..)\x06/s.test(text);
};

const decrypt = function (text: string, passphrase: string): Loadable {
    const blocks = text.match(BLOCKS) ?? [];
    if (blocks.some(isEncrypted)) {
        return blocks.map((block) =>
            isEncrypted(block) ? open(() => createPrivateKey({ key: block, passphrase })) : block,
        );
    }
    const der = Buffer.from(text, /[^\t\n\r -~]/.test(text) ? "latin1" : "base64");
    if (!isEncryptedDer(der)) return text;
    return open(() => createPrivateKey({ key: der, format: "der", type: "pkcs8", passphrase }));
};

/**
 * Replaces the encrypted keys in an option's value by what they hold, PKCS#8 DER; leaves the rest.
 *
 * @throws TlsError `ETLS_BAD_KEY` when the passphrase does not fit.
 */
export const decryptKeys = function (
    value: Loadable,
    passphrase: string,
    readFile: (name: string) => string | undefined,
): Loadable {
    if (typeof value === "function") return decryptKeys(value(), passphrase, readFile);
    if (Array.isArray(value)) return value.map((one) => decryptKeys(one, passphrase, readFile));
    const text = typeof value === "string" ? value : Buffer.from(value).toString("latin1");
    const file = text.length <= 100 && !text.includes("-----") ? readFile(text) : undefined;
    return decrypt(file ?? text, passphrase);
};
