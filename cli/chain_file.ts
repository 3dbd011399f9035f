// SPDX-License-Identifier: Apache-2.0
/**
 * Chains from files.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { loadDer } from "../modules/certificates.ts";
import { reasonOf } from "../modules/errors.ts";
import { describe } from "../wasm/describe.ts";
import { toCertificate } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import { usageError } from "./command.ts";

/**
 * The certificates of a file, `-` being standard input: PEM with anything around it, such as what
 * `openssl s_client -showcerts` prints, DER or base64.
 *
 * @throws TlsError `ETLS_USAGE`.
 */
export const readDers = function (file: string): Buffer[] {
    let content: Buffer;
    try {
        content = readFileSync(file === "-" ? 0 : file);
    } catch (error) {
        throw usageError(`cannot read ${file}: ${reasonOf(error)}`);
    }
    try {
        const source = { readFile: (): undefined => undefined, describe };
        return loadDer(source, "cert", content).map((der) => Buffer.from(der, "latin1"));
    } catch (error) {
        throw usageError(reasonOf(error).replace(/^cert\b/, file));
    }
};

/** The same, looked into. @throws TlsError `ETLS_USAGE`. */
export const readChain = function (file: string): Certificate[] {
    return readDers(file).map((der, at) => {
        try {
            return toCertificate(der, `certificate ${at} of ${file}`);
        } catch (error) {
            throw usageError(reasonOf(error));
        }
    });
};
