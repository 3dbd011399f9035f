/**
 * The installer and the modules on Espruino's own firmware of the Raspberry Pi Pico, in an emulator.
 * Takes the firmware from ESPRUINO_RP2040_UF2 and the boot ROM from RP2040_BOOTROM.
 */
import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "mocha";
import { opensslServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity, Pki } from "./support/pki.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs the command line tool until it ends, or prints `until`. Returns all that it printed. */
const cli = function (args: string[], until?: string): Promise<{ code: number | null; output: string }> {
    const tool = spawn(process.execPath, [here("../cli/main.js"), ...args], { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    const take = (data: Buffer): void => {
        output += data.toString("latin1");
        if (until !== undefined && output.includes(until)) tool.kill("SIGINT");
    };
    tool.stdout.on("data", take);
    tool.stderr.on("data", take);
    return new Promise((resolve) => void tool.on("close", (code) => resolve({ code, output })));
};

describe("on the Pico's own firmware", function () {
    this.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), "pico-"));
    let machine: ChildProcess | undefined;
    let port = "";
    let pki: Pki;
    const servers: Server[] = [];

    before(async function () {
        if (!process.env["ESPRUINO_RP2040_UF2"] || !process.env["RP2040_BOOTROM"]) {
            console.log(
                "Tests on the Pico's firmware were not run: the environment variables ESPRUINO_RP2040_UF2" +
                    " and RP2040_BOOTROM do not name it and the boot ROM.",
            );
            this.skip();
        }
        pki = await cachedPki();
        machine = fork(here("device/firmware.js"));
        const ready = await new Promise<{ port: number }>((resolve) => void machine?.once("message", resolve));
        port = `tcp://127.0.0.1:${ready.port}`;
    });

    after(async function () {
        machine?.disconnect();
        for (const server of servers) await server.close();
        rmSync(folder, { recursive: true, force: true });
    });

    /** Runs a program on the board until it prints DONE; resolves to its lines. */
    const runProgram = async function (code: string): Promise<string[]> {
        const file = join(folder, "program.js");
        writeFileSync(file, code, "latin1");
        const { output } = await cli(["run", file, "--port", port], "DONE");
        return output.split("\n").map((line) => line.replace(/^.*@@/, "@@")).filter((line) => line.startsWith("@@"));
    };

    /** A program that gets a page and tells what happened. */
    const getPage = (serverPort: number, identity: Identity, host: string): string => `
        require("https").get({
            host: "${host}", port: ${serverPort}, path: "/", ca: atob("${Buffer.from(identity.rootDer).toString("base64")}")
        }, function (response) {
            var length = 0;
            response.on("data", function (data) { length += data.length; });
            response.on("end", function () {
                print("@@", response.statusCode, length > 1000, response.socket.getProtocol());
                print("DONE");
            });
        }).on("error", function (error) { print("@@", error.code); print("DONE"); });`;

    const startServer = async function (identity: Identity, version: Version): Promise<number> {
        const server = await opensslServer({ identity, version, mode: "www" });
        servers.push(server);
        return server.port;
    };

    it("without an install, a program hears what to do", async function () {
        const lines = await runProgram('try { require("tls"); } catch (e) { print("@@ none"); } print("DONE");');
        assert.deepEqual(lines, ["@@ none"]);
    });

    it("installs, and the second time finds nothing to do", async function () {
        const first = await cli(["install", "--port", port, "--profile", "full"]);
        assert.equal(first.code, 0, first.output);
        assert.match(first.output, /Installed: .*tls-image/);
        const second = await cli(["install", "--port", port, "--profile", "full"]);
        assert.match(second.output, /Everything was there already/);
    });

    for (const version of ["1.2", "1.3"] as const) {
        for (const kind of ["ec", "rsa"] as const) {
            it(`gets a page over TLS ${version} with an ${kind.toUpperCase()} chain, through the tether`, async function () {
                const identity = pki[kind];
                const lines = await runProgram(getPage(await startServer(identity, version), identity, identity.host));
                assert.deepEqual(lines, [`@@ 200 true TLSv${version}`]);
            });
        }
    }

    it("refuses a server whose issuer it does not know", async function () {
        const lines = await runProgram(getPage(await startServer(pki.ec, "1.3"), pki.rsa, pki.ec.host));
        assert.deepEqual(lines, ["@@ ETLS_CERT_UNKNOWN_ISSUER"]);
    });

    it("refuses a server with another name", async function () {
        const identity = pki.bad.wrongHost;
        const lines = await runProgram(getPage(await startServer(identity, "1.3"), identity, identity.host));
        assert.deepEqual(lines, ["@@ ETLS_CERT_NAME_MISMATCH"]);
    });

    it("takes at most 450 blocks of memory when loaded", async function () {
        const lines = await runProgram(
            "var before = process.memory().usage;" +
                'var modules = [require("tls"), require("https")];' +
                'print("@@", process.memory().usage - before <= 450, typeof modules[1].get); print("DONE");',
        );
        assert.deepEqual(lines, ["@@ true function"]);
    });

    it("notices an image that lies elsewhere than it was linked for", async function () {
        const move =
            'var s = require("Storage"), old = s.read("tls-image"), n = old.length, at = E.getAddressOf(old, true);' +
            's.erase("tls-image"); s.compact(); s.write("x", "y"); s.write("tls-image", E.memoryArea(at, 48), 0, 48);';
        const lines = await runProgram(
            `${move}\nrequire("tls").connect({host: "localhost", port: 1, ca: "x"})` +
                '.on("error", function (e) { print("@@", e.code, /espruino-tls install/.test(e.message)); print("DONE"); });',
        );
        assert.deepEqual(lines, ["@@ ETLS_CORE_FAILED true"]);
    });

    it("uninstalls all of it", async function () {
        const { output } = await cli(["uninstall", "--port", port]);
        assert.match(output, /Removed: .*tls-image/);
        const lines = await runProgram('print("@@", require("Storage").list(/^tls-|^https/).join()); print("DONE");');
        assert.deepEqual(lines, ["@@ tls-run"]);
    });
});
