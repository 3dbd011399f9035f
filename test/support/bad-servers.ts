// SPDX-License-Identifier: Apache-2.0
/**
 * Servers that answer a TLS client with something else.
 *
 * @module
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Server } from "./servers.ts";
import { makeRecord } from "./tls-records.ts";

/** The most that a record may hold in TLS 1.2 (RFC 5246 section 6.2.3). */
export const LONGEST_RECORD = 16384 + 2048;

/** What a server that speaks no TLS says on being spoken to. */
const PLAIN_HTTP = [
    "HTTP/1.1 400 Bad Request",
    "Content-Type: text/plain",
    "Content-Length: 12",
    "Connection: close",
    "",
    "Bad Request\n",
].join("\r\n");

/**
 * Starts a TCP server on 127.0.0.1 that does something to each connection.
 *
 * @param greet is called with the connection when it comes
 * @param answer is called once, with the first bytes that come in on it
 */
export async function rawServer(
    greet: (socket: Socket) => void,
    answer: (socket: Socket, first: Buffer) => void,
): Promise<Server> {
    const open = new Set<Socket>();
    let received = 0;
    const server = createServer((socket) => {
        open.add(socket);
        socket.on("close", () => open.delete(socket));
        socket.on("error", () => undefined); // A client may go as it likes.
        socket.on("data", (chunk) => (received += chunk.length));
        socket.once("data", (chunk: Buffer) => answer(socket, chunk));
        greet(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        output: () => `${received} bytes received`,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                open.forEach((socket) => socket.destroy());
            }),
    };
}

const nothing = (): void => undefined;

/** Answers the ClientHello with these bytes and ends the connection. */
export function answeringServer(bytes: string | Uint8Array): Promise<Server> {
    return rawServer(nothing, (socket) => socket.end(bytes));
}

/** Speaks HTTP without TLS. */
export function plainHttpServer(): Promise<Server> {
    return answeringServer(PLAIN_HTTP);
}

/** Answers with bytes that no protocol begins with. */
export function garbageServer(): Promise<Server> {
    return answeringServer(Buffer.from("a5".repeat(256), "hex"));
}

/** Accepts and never answers. */
export function silentServer(): Promise<Server> {
    return rawServer(nothing, nothing);
}

/** Ends each connection at once: by FIN, or by RST. */
export function closingServer(how: "fin" | "reset" = "fin"): Promise<Server> {
    const fin = (socket: Socket): unknown => socket.end();
    const reset = (socket: Socket): unknown => socket.resetAndDestroy();
    return rawServer(how === "fin" ? fin : reset, nothing);
}

/** Answers the ClientHello with a handshake record that is longer than any may be. */
export function longRecordServer(length = LONGEST_RECORD + 1): Promise<Server> {
    return answeringServer(makeRecord(22, Buffer.alloc(length, 2)));
}

/**
 * Answers the ClientHello with an alert (RFC 8446 section 6).
 *
 * @param description such as 40 handshake_failure
 * @param level 2 = fatal, 1 = warning
 */
export function alertServer(description: number, level = 2): Promise<Server> {
    return answeringServer(makeRecord(21, Buffer.from([level, description])));
}
