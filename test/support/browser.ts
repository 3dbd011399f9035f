// SPDX-License-Identifier: Apache-2.0
/**
 * A headless Chromium, and the server of the page that it opens (browser-page.ts).
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Findings, Task } from "./browser-page.ts";
import { projectFolder } from "./pki.ts";

/** The folder that has wasm/, modules/ and test/, compiled. */
const DIST = fileURLToPath(new URL("../..", import.meta.url));

/** Bare names, as a bundler would find them. The last two are never called. */
const IMPORTS = {
    "emscripten-wasm-loader": "/loader/index.js",
    getroot: "/commonjs/getroot/dist/src/index.js",
    unixify: "data:text/javascript,",
    nanoid: "data:text/javascript,",
};

const PAGE = `<!doctype html><title>test</title>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/dist/test/support/browser-page.js"></script>
<script>onerror = (text) => fetch("/done", { method: "POST", body: JSON.stringify({ failure: text }) });
onunhandledrejection = (event) => onerror(String(event.reason));</script>`;

/** Plain, and with no connection of its own to anywhere. */
const FLAGS = [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ...["--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server"],
];

/** Why there is no browser to test with, as one sentence. */
export function browserFault(): string | undefined {
    const { error, status } = spawnSync("chromium", ["--version"], { stdio: "ignore" });
    return error || status !== 0 ? "chromium is not installed (package chromium)." : undefined;
}

/** Opens the page and returns what it found. */
export async function runInBrowser(task: Task): Promise<Findings> {
    const profile = mkdtempSync(join(tmpdir(), "etls-chromium-"));
    const page = new PageServer(task);
    const server = createServer(page.handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const browser = spawn("chromium", [...FLAGS, `--user-data-dir=${profile}`, url], {
        stdio: ["ignore", "ignore", "pipe"],
        detached: true, // a group of its own: Chromium is many processes
    });
    const gone = new Promise<void>((resolve) => browser.once("close", () => resolve()));
    try {
        return await Promise.race([page.findings, failureOf(browser)]);
    } finally {
        endGroup(browser.pid);
        await gone;
        await closeServer(server);
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
}

/** Rejects when the browser ends or says nothing for too long, with what it printed. */
function failureOf(browser: ChildProcess): Promise<never> {
    let said = "";
    browser.stderr?.on("data", (chunk: Buffer) => (said += chunk));
    return new Promise((_, reject) => {
        const fail = (what: string): void => reject(new Error(`Chromium ${what}:\n${said}`));
        const timer = setTimeout(() => fail("did not answer"), 30_000);
        browser.once("error", reject);
        browser.once("exit", (code) => {
            clearTimeout(timer);
            fail(`ended with ${code}`);
        });
    });
}

function endGroup(pid: number | undefined): void {
    try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
        // It has ended already.
    }
}

function closeServer(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
    });
}

/** Serves the page, the modules, and the bridge to one TCP port of this machine. */
class PageServer {
    private readonly bridges = new Map<string, Socket>();
    private readonly task: Task;
    private done: (findings: Findings) => void = () => undefined;
    /** What the page sends when it is done. */
    readonly findings = new Promise<Findings>((resolve) => (this.done = resolve));

    constructor(task: Task) {
        this.task = task;
    }

    handle = (request: IncomingMessage, response: ServerResponse): void => {
        const [, first = "", ...rest] = normalize(request.url ?? "/").split("/");
        const body: Buffer[] = [];
        request.on("data", (chunk: Buffer) => body.push(chunk));
        request.on("end", () => {
            if (first === "") response.setHeader("Content-Type", "text/html").end(PAGE);
            else if (first === "task") response.end(JSON.stringify(this.task));
            else if (first === "bridge") this.bridge(rest, Buffer.concat(body), response);
            else if (first === "done") {
                response.end();
                this.done(JSON.parse(Buffer.concat(body).toString()) as Findings);
            } else sendModule(first, rest.join("/"), response);
        });
    };

    private bridge([verb, id = "", port]: string[], body: Buffer, response: ServerResponse): void {
        const socket = this.bridges.get(id);
        if (verb === "open" && Number(port) === this.task.port) {
            const opened = connect({ port: this.task.port, host: "127.0.0.1" });
            this.bridges.set(id, opened);
            opened.on("error", () => response.destroy());
            response.on("close", () => opened.destroy());
            response.flushHeaders();
            opened.pipe(response);
            return;
        }
        if (verb === "send") socket?.write(body);
        else if (verb === "end") socket?.end();
        response.statusCode = socket ? 200 : 404;
        response.end();
    }
}

function sendModule(kind: string, name: string, response: ServerResponse): void {
    const loader = join(projectFolder(), "node_modules", "emscripten-wasm-loader", "dist", "esm");
    try {
        let text: string;
        if (kind === "dist") text = readFileSync(join(DIST, name), "utf8");
        else if (kind === "loader") text = readFileSync(join(loader, name.replace(/(?:\.js)?$/, ".js")), "utf8");
        else text = wrapCommonJs(readFileSync(join(projectFolder(), "node_modules", name), "utf8"));
        response.setHeader("Content-Type", "text/javascript").end(text);
    } catch {
        response.writeHead(404).end();
    }
}

/** What bundlers do to a CommonJS module that requires nothing. */
function wrapCommonJs(text: string): string {
    return `const exports = {};\n${text}\nconst { root } = exports;\nexport { root };\n`;
}
