// SPDX-License-Identifier: Apache-2.0
// What the tests of the https module share.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import type { TlsError } from "../../modules/errors.ts";
import type { ClientRequest, IncomingMessage } from "../../modules/https.ts";

/** A response with its whole body as a binary string. */
export interface Answer {
    response: IncomingMessage;
    body: string;
}

/** Reads the response; rejects with the error of the request or of the response. */
export const answerTo = function (request: ClientRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
        request.on("error", reject);
        request.on("response", (response) => {
            const pieces: string[] = [];
            response.on("data", (data) => pieces.push(data));
            response.on("end", () => resolve({ response, body: pieces.join("") }));
        });
    });
};

/** For `assert.throws` and `assert.rejects`: the error must have this code. */
export const code = function (wanted: string): (error: unknown) => boolean {
    return (error) => {
        assert.equal((error as TlsError).code, wanted, String(error));
        return true;
    };
};

/** SHA-256 in hexadecimal; a text is a binary string. */
export const sha = function (data: string | Uint8Array): string {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    return createHash("sha256").update(bytes).digest("hex");
};
