// SPDX-License-Identifier: Apache-2.0
/**
 * Reads an HTTP response out of the bytes that a plain TLS client has printed.
 *
 * @module
 */

/** A response; `status` is 0 and `body` empty when the bytes are none. */
export interface ResponseText {
    status: number;
    headers: Record<string, string>;
    body: Buffer;
}

/** Reads the response that the bytes begin with, its body up to its end or that of the bytes. */
export function parseResponse(bytes: Buffer): ResponseText {
    const end = bytes.indexOf("\r\n\r\n");
    const [first = "", ...lines] = bytes.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
    if (status === 0) {
        return { status, headers: {}, body: Buffer.alloc(0) };
    }
    const headers: Record<string, string> = {};
    for (const line of lines) {
        const colon = line.indexOf(":");
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const rest = bytes.subarray(end + 4);
    const length = headers["content-length"];
    const chunked = /chunked/i.test(headers["transfer-encoding"] ?? "");
    const body = chunked ? joinChunks(rest) : rest.subarray(0, Number(length ?? rest.length));
    return { status, headers, body };
}

/** RFC 9112 section 7.1. */
function joinChunks(bytes: Buffer): Buffer {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
        const line = bytes.indexOf("\r\n", at);
        const size = line < 0 ? 0 : parseInt(bytes.toString("latin1", at, line), 16);
        if (!(size > 0)) {
            break;
        }
        chunks.push(bytes.subarray(line + 2, line + 2 + size));
        at = line + 2 + size + 2;
    }
    return Buffer.concat(chunks);
}
