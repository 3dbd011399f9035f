// SPDX-License-Identifier: Apache-2.0
// Node's own TLS in the shape of our `tls` module, so that `https` can be tested by itself.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nodeTls from "node:tls";

import type { ConnectOptions, TlsApi } from "../../modules/http_agent.ts";
import type { TlsSocketLike } from "../../modules/http_message.ts";
import type { TlsServerApi, TlsServerLike } from "../../modules/https_server.ts";

type AnyListener = (value: never) => void;

class WrappedSocket {
    readonly raw: nodeTls.TLSSocket;
    private readonly pieces: number;

    constructor(raw: nodeTls.TLSSocket, pieces: number) {
        this.raw = raw;
        this.pieces = pieces;
        raw.setEncoding("latin1");
    }
    get bytesWritten(): number {
        return this.raw.bytesWritten;
    }
    write(data: string): boolean {
        return this.raw.write(data, "latin1");
    }
    end(): void {
        this.raw.end();
    }
    destroy(): void {
        this.raw.destroy();
    }
    pause(): void {
        this.raw.pause();
    }
    resume(): void {
        this.raw.resume();
    }
    ref(): void {
        this.raw.ref();
    }
    unref(): void {
        this.raw.unref();
    }
    on(event: string, listener: AnyListener): void {
        const pieces = this.pieces;
        if (event !== "data" || !pieces) {
            this.raw.on(event, listener as () => void);
            return;
        }
        this.raw.on("data", (data: string) => {
            for (let at = 0; at < data.length; at += pieces) {
                (listener as (data: string) => void)(data.substring(at, at + pieces));
            }
        });
    }
}

/** Node's TLS as our `tls`; `opened` holds every client connection ever made. */
export class NodeTls implements TlsApi, TlsServerApi {
    readonly opened: nodeTls.TLSSocket[] = [];
    /** When set, connections deliver their data in pieces of so many bytes. */
    pieces = 0;

    connect(options: ConnectOptions): TlsSocketLike {
        const raw = nodeTls.connect({ ...options } as nodeTls.ConnectionOptions);
        this.opened.push(raw);
        return new WrappedSocket(raw, this.pieces);
    }

    createServer(options: object, accept: (socket: TlsSocketLike) => void): TlsServerLike {
        return nodeTls.createServer(options, (raw) => accept(new WrappedSocket(raw, this.pieces)));
    }
}

/** A self-signed certificate for localhost, 127.0.0.1 and ::1, made with the openssl program. */
export const makeCertificate = function (): { key: string; cert: string } {
    const folder = mkdtempSync(join(tmpdir(), "etls-https-"));
    const key = join(folder, "key.pem");
    const cert = join(folder, "cert.pem");
    execFileSync(
        "openssl",
        (
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test " +
            "-addext subjectAltName=DNS:localhost,DNS:other.test,IP:127.0.0.1,IP:::1 " +
            `-keyout ${key} -out ${cert}`
        ).split(" "),
        { stdio: "pipe" },
    );
    const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
    rmSync(folder, { recursive: true });
    return made;
};

/** Listens on a free port of 127.0.0.1 and tells which. */
export const listen = async function (server: nodeTls.Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
};
