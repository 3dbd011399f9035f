// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Downloads a file over HTTPS with what Node has.
 */
import { open } from "node:fs/promises";

/** Longest wait for the server's answer and for each further piece, in milliseconds. */
const TIMEOUT = 10_000;

/**
 * Saves what is at `url`; gives up quickly where there is no way to the server.
 * @param {string} url
 * @param {string} target
 * @param {(received: number, total: number) => void} onProgress Bytes; a total of 0 is unknown.
 * @returns {Promise<string | undefined>} Why it could not be had; undefined if it was.
 */
export async function download(url, target, onProgress) {
    const stop = new AbortController();
    const watchdog = setTimeout(() => stop.abort(new Error("no answer")), TIMEOUT);
    try {
        const response = await fetch(url, { signal: stop.signal });
        if (!response.ok || !response.body) {
            return `HTTP status ${response.status}`;
        }
        const total = Number(response.headers.get("content-length") ?? 0);
        await save(response.body, target, (received) => {
            watchdog.refresh();
            onProgress(received, total);
        });
        return undefined;
    } catch (error) {
        return reason(error);
    } finally {
        clearTimeout(watchdog);
    }
}

/**
 * @param {AsyncIterable<Uint8Array>} body
 * @param {string} target
 * @param {(received: number) => void} onProgress
 */
async function save(body, target, onProgress) {
    const file = await open(target, "w");
    try {
        let received = 0;
        for await (const piece of body) {
            await file.write(piece);
            onProgress((received += piece.length));
        }
    } finally {
        await file.close();
    }
}

/**
 * The innermost reason: fetch hides it in `cause`.
 * @param {unknown} error
 * @returns {string}
 */
function reason(error) {
    if (error instanceof Error) {
        return error.cause ? reason(error.cause) : error.message;
    }
    return String(error);
}
