// SPDX-License-Identifier: Apache-2.0
/**
 * Base64, alike in Node and in browsers.
 *
 * @module
 */

/** The bytes that a base64 text stands for. */
export const decode = function (text: string): Uint8Array<ArrayBuffer> {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
};
