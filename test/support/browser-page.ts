// SPDX-License-Identifier: Apache-2.0
/**
 * Runs in the browser: the package's browser entry, its ciphertext carried by requests to the
 * page's own server (browser.ts), since a page has no TCP.
 *
 * @module
 */
import type { Stream, Transport } from "../../modules/host.ts";
import { open } from "../../wasm/browser.ts";
import type { EspruinoTls } from "../../wasm/browser.ts";

/** What the page is given. */
export interface Task {
    port: number;
    ca: string;
    wrongCa: string;
}

/** What it has found out. */
export interface Findings {
    page?: { status: number; body: string; protocol: string | null; issuer: string | undefined };
    /** The length of a body sent there and back, and whether it is the same. */
    echo?: { length: number; same: boolean };
    socket?: string;
    wrongCa?: string;
    noTransport?: string;
    /** Bytes in use after all, and whether the memory could have grown. */
    inUse?: number;
    failure?: string;
}

type Listeners = { [event: string]: ((value?: never) => void)[] };

/** A stream over requests: one that brings what comes, and one for each piece that goes. */
function bridge(port: number, ready: () => void): Stream {
    const id = Math.random().toString(36).slice(2);
    const listeners: Listeners = {};
    const emit = (event: string, value?: unknown): void => {
        for (const listener of listeners[event] ?? []) listener(value as never);
    };
    const aborter = new AbortController();
    let last: Promise<unknown> = Promise.resolve();
    const post = (path: string, body?: BodyInit): void => {
        last = last.then(() => fetch(`/bridge/${path}/${id}`, { method: "POST", body: body ?? null }));
        last.catch((error: unknown) => emit("error", error));
    };
    const receive = async (): Promise<void> => {
        const response = await fetch(`/bridge/open/${id}/${port}`, { signal: aborter.signal });
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        ready();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
            emit("data", part.value);
        }
        emit("end");
        emit("close");
    };
    receive().catch((error: unknown) => {
        if (!aborter.signal.aborted) emit("error", error);
        emit("close");
    });
    return {
        write: (data) => post("send", Uint8Array.from(data, (c) => c.charCodeAt(0))),
        end: () => post("end"),
        destroy: () => aborter.abort(),
        on: (event: string, listener: (value: never) => void) => {
            (listeners[event] ??= []).push(listener as () => void);
        },
    } as Stream;
}

const transport: Transport = { connect: (to, ready) => bridge(to.port, ready) };

/** A whole response, or rejects with the error's code. */
function request(core: EspruinoTls, options: object, body?: string): Promise<[number, string]> {
    return new Promise((resolve, reject) => {
        const sent = core.https.request({ host: "localhost", agent: false, ...options }, (response) => {
            let text = "";
            response.on("data", (data) => (text += data));
            response.on("end", () => resolve([response.statusCode, text]));
        });
        sent.on("error", (error) => reject(error));
        sent.end(body);
    });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error = await promise.then(
        () => ({ code: "none" }),
        (failed: unknown) => failed as { code?: string; message: string },
    );
    return error.code ?? String(error);
}

/** An HTTP exchange over a stream given as option `socket`. */
function overSocket(core: EspruinoTls, { port, ca }: Task): Promise<Findings["page"]> {
    return new Promise((resolve, reject) => {
        const stream = bridge(port, () => {
            const socket = core.tls.connect({ socket: stream, servername: "localhost", ca });
            let text = "";
            socket.on("error", reject);
            socket.on("data", (data) => (text += data));
            socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            socket.on("end", () => resolve({
                status: Number(text.slice(9, 12)),
                body: text.slice(text.indexOf("\r\n\r\n") + 4),
                protocol: socket.getProtocol(),
                issuer: socket.getPeerCertificate()?.issuer["CN"],
            }));
        });
    });
}

async function run(findings: Findings, task: Task): Promise<void> {
    const { port, ca, wrongCa } = task;
    const core = await open({ arena: 65536, transport });
    const page = await overSocket(core, task);
    if (page) findings.page = page;
    const body = "0123456789".repeat(20_000);
    const [, echoed] = await request(core, { port, ca, method: "PUT", path: "/echo" }, body);
    findings.echo = { length: echoed.length, same: echoed === body };
    findings.wrongCa = await codeOf(request(core, { port, ca: wrongCa }));
    const bare = await open({ arena: 65536 });
    findings.noTransport = await codeOf(request(bare, { port, ca }));
    findings.inUse = core.memory().inUse;
    core.close();
    bare.close();
}

if (typeof document !== "undefined") {
    const findings: Findings = {};
    const task = (await (await fetch("/task")).json()) as Task;
    await run(findings, task).catch((error: unknown) => {
        findings.failure = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    });
    await fetch("/done", { method: "POST", body: JSON.stringify(findings) });
}
