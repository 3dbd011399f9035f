// SPDX-License-Identifier: Apache-2.0
/**
 * In a browser: the package's browser entry loads as it is, and our client and our server shake
 * hands inside one page, in two cores, over streams of the page's own.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { cachedPki, projectFolder } from "./support/pki.ts";

const root = projectFolder();
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
const FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const browser = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)))
    .find((file) => existsSync(file));

/** What runs in the page; `pki` is put before it. */
const PAGE = `
import { open } from "/dist/wasm/browser.js";
const pair = () => {
    const make = () => ({ listeners: {}, on(name, f) { (this.listeners[name] ??= []).push(f); },
        emit(name, value) { for (const f of this.listeners[name] ?? []) f(value); } });
    const a = make(), b = make();
    const link = (from, to) => {
        from.write = (data) => { setTimeout(() => to.emit("data", data)); return true; };
        from.end = from.destroy = () => setTimeout(() => { to.emit("end"); to.emit("close"); from.emit("close"); });
    };
    link(a, b); link(b, a);
    return [a, b];
};
const visit = async (ca) => {
    const [near, far] = pair();
    let accept;
    const transport = { listen(at, callback, ready) { accept = callback; ready(undefined, { port: 1, close() {} }); } };
    const ours = await open({ transport });
    const server = ours.tls.createServer({ cert: pki.chain, key: pki.key }, (socket) => socket.end("hello"));
    await new Promise((resolve) => server.listen(1, resolve));
    const theirs = await open();
    const text = new Promise((resolve) => {
        let data = "";
        theirs.tls.connect({ socket: near, servername: "localhost", ca })
            .on("data", (piece) => { data += piece; })
            .on("error", (error) => { data = error.code; })
            .on("close", () => resolve(data));
    });
    accept(far);
    return text;
};
const report = (value) => fetch("/result", { method: "POST", body: JSON.stringify(value) });
try {
    await report({ good: await visit(pki.root), bad: await visit(pki.other) });
} catch (error) {
    await report({ error: String(error?.stack ?? error) });
}
`;

const IMPORTS = { "emscripten-wasm-loader": "/node_modules/emscripten-wasm-loader/dist/esm/getModuleLoader.js" };

/** The file of a path below dist/ or node_modules/; the loader's own files leave the ending out. */
function findFile(path: string): string | undefined {
    if (!/^\/(dist|node_modules)\//.test(path) || path.includes("..")) return undefined;
    return [join(root, path), join(root, `${path}.js`)].find((file) => existsSync(file) && extname(file));
}

describe("browser", () => {
    it("loads the package, shakes hands, refuses a wrong CA", async function () {
        this.timeout(90000);
        if (browser === undefined) {
            console.log("    not run: there is no chromium in PATH");
            this.skip();
        }
        const pki = await cachedPki();
        const facts = {
            chain: pki.ec.chainPem, key: pki.ec.keyPem, root: pki.ec.rootPem, other: pki.rsa.rootPem,
        };
        const html =
            `<!doctype html><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>` +
            `<script type="module">const pki = ${JSON.stringify(facts)};\n${PAGE}</script>`;
        const profile = mkdtempSync(join(tmpdir(), "etls-browser-"));
        let child: ChildProcess | undefined;
        const result = await new Promise<Record<string, string>>((resolve, reject) => {
            const server = createServer((request, response) => {
                const path = new URL(request.url ?? "/", "http://localhost").pathname;
                const file = findFile(path);
                if (request.method === "POST") {
                    let body = "";
                    request.on("data", (data: Buffer) => (body += data.toString()));
                    request.on("end", () => {
                        response.end();
                        server.close();
                        resolve(JSON.parse(body) as Record<string, string>);
                    });
                } else if (path === "/") {
                    response.setHeader("content-type", "text/html").end(html);
                } else if (file !== undefined) {
                    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
                    response.end(readFileSync(file));
                } else {
                    response.writeHead(404).end();
                }
            });
            server.listen(0, "127.0.0.1", () => {
                const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
                const flags = [...FLAGS, `--user-data-dir=${profile}`, url];
                child = spawn(browser, flags, { stdio: "ignore", detached: true });
                child.once("error", reject);
                child.once("exit", (code) => reject(new Error(`the browser ended with code ${code}`)));
            });
        });
        child?.removeAllListeners("exit");
        const ended = new Promise((resolve) => child?.once("exit", resolve));
        if (child?.pid !== undefined) process.kill(-child.pid, "SIGKILL"); // its helpers too: they write on
        await ended;
        rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
        assert.deepEqual(result, { good: "hello", bad: "ETLS_CERT_UNKNOWN_ISSUER" });
    });
});
