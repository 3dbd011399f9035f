// SPDX-License-Identifier: Apache-2.0
/**
 * The server name in a ClientHello, read before the handshake so that a server can choose its
 * certificate by it: the native core calls nobody back.
 *
 * @module
 */

/** A ClientHello longer than this is left to the native core to refuse. */
const LIMIT = 16384;

const u16 = function (bytes: string, at: number): number {
    return bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1);
};

/** The handshake bytes of the records at the start; undefined while records are incomplete. */
const unwrap = function (bytes: string): string | undefined {
    let message = "";
    let at = 0;
    while (at + 5 <= bytes.length) {
        if (bytes.charCodeAt(at) !== 22) return message;
        const length = u16(bytes, at + 3);
        if (at + 5 + length > bytes.length) return undefined;
        message += bytes.substr(at + 5, length);
        at += 5 + length;
        const need = 4 + message.charCodeAt(1) * 65536 + u16(message, 2);
        if (message.length >= 4 && message.length >= need) return message.substr(0, need);
    }
    return undefined;
};

/** RFC 6066 section 3: the first host_name of the extension's list. */
const nameOf = function (extension: string): string {
    const length = u16(extension, 3);
    return extension.charCodeAt(2) === 0 ? extension.substr(5, length) : "";
};

/** Walks the extensions (RFC 8446 section 4.1.2); what is malformed has no name. */
const findName = function (hello: string): string {
    let at = 4 + 2 + 32;
    at += 1 + hello.charCodeAt(at); // session id
    at += 2 + u16(hello, at); // cipher suites
    at += 1 + hello.charCodeAt(at); // compression methods
    const end = at + 2 + u16(hello, at);
    at += 2;
    while (at + 4 <= end && end <= hello.length) {
        const length = u16(hello, at + 2);
        if (u16(hello, at) === 0) return nameOf(hello.substr(at + 4, length));
        at += 4 + length;
    }
    return "";
};

/**
 * Looks for the server name in the first bytes of a connection.
 *
 * @returns the name, `""` when there is none or this is no ClientHello, undefined when more bytes
 * are needed to tell.
 */
export const serverName = function (bytes: string): string | undefined {
    if (bytes.length > 0 && bytes.charCodeAt(0) !== 22) return "";
    const hello = unwrap(bytes);
    if (hello === undefined) return bytes.length > LIMIT ? "" : undefined;
    return hello.charCodeAt(0) === 1 ? findName(hello) : "";
};
