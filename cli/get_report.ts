// SPDX-License-Identifier: Apache-2.0
/**
 * What `espruino-tls get` tells about an exchange, for people and for programs.
 *
 * @module
 */
import type { Fields } from "../modules/http_parser.ts";
import type { IncomingMessage } from "../modules/https.ts";
import type { MemoryPhases } from "../modules/memory.ts";
import type { Name, PeerCertificate } from "../modules/report.ts";
import type { ConnectionFacts, Exchange } from "./exchange.ts";
import { bytes, duration, grouped, harmless } from "./terminal.ts";

/** A distinguished name on one line, the common name first. */
export const nameText = function (name: Name): string {
    const keys = Object.keys(name).sort((a, b) => Number(b === "CN") - Number(a === "CN"));
    return keys.map((key) => `${key}=${harmless(name[key] ?? "")}`).join(", ") || "(no name)";
};

/** `2026-11-20 to 2027-02-18`. */
export const validityText = function (certificate: PeerCertificate): string {
    return `${certificate.valid_from.slice(0, 10)} to ${certificate.valid_to.slice(0, 10)}`;
};

const fieldLines = function (headers: Fields): string[] {
    return Object.entries(headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one) => `${name}: ${harmless(String(one))}`),
    );
};

/** What `-v` says when the handshake is over. */
export const connectionLines = function (facts: ConnectionFacts): string[] {
    const { host, address, protocol, cipher, alpn, authorized, chain, names } = facts;
    const lines = [
        `* connected to ${host}${address ? ` (${address})` : ""}`,
        `* ${protocol}, ${cipher.standardName}, ${alpn ? `ALPN ${alpn}` : "no ALPN"}`,
        authorized
            ? `* verified: the certificate is for ${host} and leads to a trusted root`
            : `* NOT VERIFIED: ${facts.authorizationError}`,
    ];
    if (names) lines.push(`* names: ${harmless(names)}`);
    chain.forEach((certificate, depth) => {
        lines.push(
            `*   ${depth} ${nameText(certificate.subject)}`,
            `*     issued by ${nameText(certificate.issuer)}`,
            `*     valid ${validityText(certificate)}, key ${certificate.key}`,
        );
    });
    return lines;
};

/** What `-v` says when the header has come. */
export const responseLines = function (response: IncomingMessage): string[] {
    const { httpVersion, statusCode, statusMessage, headers } = response;
    return [
        `< HTTP/${httpVersion} ${statusCode} ${harmless(statusMessage)}`,
        ...fieldLines(headers).map((line) => `< ${line}`),
    ];
};

/** `setup 2,496, hello 4,232, …, key exchange 6,440, …`. */
const phasesText = function (phases: MemoryPhases): string {
    const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return Object.entries(phases).map(([name, most]) => `${spaced(name)} ${grouped(most)}`).join(", ");
};

/** What `-v` says at the end. */
export const summaryLines = function (done: Exchange): string[] {
    const { timings, heap, body } = done;
    return [
        `* body: ${bytes(body.bytes)}, SHA-256 ${body.sha256}`,
        `* time: connect ${duration(timings.connect)}, ` +
            `handshake ${duration(timings.secure - timings.connect)}, ` +
            `first byte after ${duration(timings.firstByte)}, total ${duration(timings.total)}`,
        `* heap: arena ${grouped(heap.arena)}, peak ${grouped(heap.peak)}, ` +
            `while connected ${bytes(heap.connected)} ` +
            `(the connection ${grouped(heap.connection)}, ` +
            `trust and settings ${grouped(heap.connected - heap.connection)})`,
        `* heap by phase: ${phasesText(heap.phases)}`,
    ];
};

/** Names and values as UTF-8, as far as they are that. */
const readable = function (name: Name): Name {
    const parts = Object.entries(name).map(([key, value]) => [key, harmless(value ?? "")]);
    return Object.fromEntries(parts) as Name;
};

const rounded = function (ms: number): number {
    return Math.round(ms * 10) / 10;
};

/** The object that `--json` prints. */
export const jsonOf = function (url: string, done: Exchange): { [key: string]: unknown } {
    const { response, connection, timings, heap, body } = done;
    return {
        url,
        status: response.statusCode,
        statusText: response.statusMessage,
        httpVersion: response.httpVersion,
        headers: response.headers,
        host: connection.host,
        address: connection.address,
        protocol: connection.protocol,
        cipher: { name: connection.cipher.name, standardName: connection.cipher.standardName },
        alpn: connection.alpn,
        authorized: connection.authorized,
        authorizationError: connection.authorizationError,
        names: connection.names,
        chain: connection.chain.map((certificate) => ({
            ...certificate,
            subject: readable(certificate.subject),
            issuer: readable(certificate.issuer),
        })),
        timings: {
            connect: rounded(timings.connect),
            handshake: rounded(timings.secure - timings.connect),
            firstByte: rounded(timings.firstByte),
            total: rounded(timings.total),
        },
        memory: { ...heap },
        body: { ...body },
    };
};
