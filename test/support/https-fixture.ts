// SPDX-License-Identifier: Apache-2.0
// Our https server over Node's TLS, and a way to send it any bytes.

import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import * as nodeTls from "node:tls";

import { createHttps } from "../../modules/https.ts";
import type { HttpsWithServer, IncomingMessage } from "../../modules/https.ts";
import { serverFactory } from "../../modules/https_server.ts";
import type { HttpsServer, ServerOptions, ServerResponse } from "../../modules/https_server.ts";
import { makeCertificate, NodeTls } from "./node-tls.ts";

/** The body of `/big`. */
export const BIG = randomBytes(5 * 1024 * 1024);

/** The pages of the server. */
const handle = function (request: IncomingMessage, response: ServerResponse): void {
    const url = request.url;
    if (url === "/echo") {
        const pieces: string[] = [];
        request.on("data", (data) => pieces.push(data));
        request.on("end", () => response.end(pieces.join("")));
    } else if (url === "/pipe") {
        request.pipe(response);
    } else if (url === "/big") {
        response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(BIG);
    } else if (url === "/pieces") {
        response.writeHead(200, "Fine", { "X-A": ["1", "2"] });
        response.write("one,");
        setTimeout(() => response.end("two"), 5);
    } else if (url === "/late") {
        setTimeout(() => response.end(url), 30);
    } else if (url === "/none") {
        response.writeHead(204).end();
    } else if (url === "/close") {
        response.setHeader("Connection", "close").end("bye");
    } else if (url === "/ignored") {
        response.end("did not read " + request.method);
    } else if (url !== "/never") {
        response.end(request.method + " " + url + " " + (request.headers["x-a"] || ""));
    }
};

/** A server with a certificate of its own. */
export class HttpsFixture {
    readonly key: string;
    readonly cert: string;
    readonly https: HttpsWithServer;
    server!: HttpsServer;
    port = 0;
    /** The codes of the `clientError` events. */
    refused: string[] = [];

    constructor() {
        const tls = new NodeTls();
        const { key, cert } = makeCertificate();
        this.key = key;
        this.cert = cert;
        this.https = createHttps(tls, serverFactory(tls));
    }

    /** Where our own client finds the server. */
    get address(): { host: string; port: number; ca: string } {
        return { host: "127.0.0.1", port: this.port, ca: this.cert };
    }

    async start(options: ServerOptions): Promise<void> {
        const server = this.https.createServer(
            { ...options, key: this.key, cert: this.cert },
            handle,
        );
        this.server = server;
        server.on("clientError", (error) => this.refused.push(error.code));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        this.port = (server.address() as AddressInfo).port;
        this.refused = [];
    }

    /** Sends bytes in pieces and collects what comes until the end, without its dates. */
    exchange(text: string, pieces = text.length || 1): Promise<string> {
        return new Promise((resolve, reject) => {
            const socket = nodeTls.connect(this.address);
            let answer = "";
            socket.setNoDelay(true);
            socket.setEncoding("latin1");
            socket.on("data", (data: string) => (answer += data));
            socket.on("end", () => {
                socket.end();
                resolve(answer.replace(/Date: [^\r]*\r\n/g, ""));
            });
            socket.on("error", reject);
            for (let at = 0; at < text.length; at += pieces) {
                socket.write(text.substring(at, at + pieces), "latin1");
            }
        });
    }
}
