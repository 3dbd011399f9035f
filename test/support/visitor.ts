// SPDX-License-Identifier: Apache-2.0
/**
 * Node's TLS as a client that wants an echo.
 *
 * @module
 */
import * as tls from "node:tls";

/**
 * Connects to 127.0.0.1, sends `hello`, and ends when as much has come back.
 *
 * @returns what came back, or Node's error. (With TLS 1.3 a client learns that it was refused
 * only after its own handshake is over.)
 */
export function visit(port: number, options: tls.ConnectionOptions): Promise<string> {
    return new Promise((resolve) => {
        let answer = "";
        const socket = tls.connect({ host: "127.0.0.1", port, servername: "localhost", ...options });
        socket.setEncoding("latin1");
        socket.write("hello");
        socket.on("data", (data: string) => {
            answer += data;
            if (answer.length >= 5) socket.end();
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
            answer = `${error.code}: ${error.message}`;
        });
        socket.on("close", () => resolve(answer));
    });
}
