// SPDX-License-Identifier: Apache-2.0
/**
 * The installer and the modules on Espruino's own firmware of the Raspberry Pi Pico, in an emulator.
 * Takes the firmware from ESPRUINO_RP2040_UF2 and the boot ROM from RP2040_BOOTROM.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { getPage } from "./device/page.ts";
import { Pico, cli, skipWithoutFirmware } from "./device/pico.ts";
import { derOf } from "./support/abi.ts";
import { opensslServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";
import { makeBundle } from "../wasm/trust_bundle.ts";
import { cachedPki } from "./support/pki.ts";
import type { BadName, Identity, Pki } from "./support/pki.ts";

describe("on the Pico's own firmware", function () {
    this.timeout(600_000);
    const pico = new Pico();
    let pki: Pki;
    const servers: Server[] = [];

    before(async function () {
        skipWithoutFirmware(this);
        pki = await cachedPki();
        await pico.start();
    });

    after(async function () {
        await pico.remove();
        for (const server of servers) await server.close();
    });

    const startServer = async function (identity: Identity, version: Version, clientRootFile?: string): Promise<number> {
        const server = await opensslServer({ identity, version, mode: "www", clientRootFile });
        servers.push(server);
        return server.port;
    };

    it("without an install, a program hears what to do", async function () {
        const lines = await pico.run('try { require("tls"); } catch (e) { print("@@ none"); } print("DONE");');
        assert.deepEqual(lines, ["@@ none"]);
    });

    it("installs, and the second time finds nothing to do", async function () {
        const first = await pico.cli("install");
        assert.equal(first.code, 0, first.output);
        assert.match(first.output, /Installed: tls-image, .*tls-core.*, https, tls\n/);
        const second = await pico.cli("install");
        assert.match(second.output, /Everything was there already/);
    });

    it("trusts the common public roots until it is told otherwise; a trust bundle, read in flash", async function () {
        const serverPort = await startServer(pki.rsa, "1.2");
        const visit = (): Promise<string[]> => pico.run(getPage({ host: pki.rsa.host, port: serverPort, identity: undefined }));
        assert.deepEqual(await visit(), ["@@ ETLS_CERT_UNKNOWN_ISSUER"]);
        const file = join(pico.folder, "roots.bin");
        writeFileSync(file, makeBundle([pki.ec.rootDer, pki.rsa.rootDer]));
        assert.match((await pico.cli("install", "--ca", file)).output, /Installed: tls-ca\n/);
        assert.deepEqual(await visit(), ["@@ 200 true TLSv1.2"]);
        assert.match((await pico.cli("install")).output, /Everything was there already/, "and it stays");
    });

    it("installs only what has changed", async function () {
        const file = join(pico.folder, "root.pem");
        writeFileSync(file, pki.ec.rootPem);
        const trust = await pico.cli("install", "--ca", file);
        assert.match(trust.output, /Installed: tls-ca\n/);
        await pico.run('require("Storage").write("tls-facts", "other"); print("DONE");');
        const part = await pico.cli("install", "--ca", file);
        assert.match(part.output, /Installed: tls-facts, https, tls\n/);
    });

    for (const version of ["1.2", "1.3"] as const) {
        for (const kind of ["ec", "rsa"] as const) {
            it(`gets a page over TLS ${version} with an ${kind.toUpperCase()} chain, through the tether`, async function () {
                const identity = pki[kind];
                const lines = await pico.run(getPage({ host: identity.host, port: await startServer(identity, version), identity }));
                assert.deepEqual(lines, [`@@ 200 true TLSv${version}`]);
            });
        }
    }

    /** docs/MAKERS.md has this: a session is kept in Storage from one connection to the next. */
    const visit = (serverPort: number): string => `
        var S = require("Storage"), tls = require("tls");
        var socket = tls.connect({
            host: "localhost", port: ${serverPort}, ca: "root", cert: "own", key: "own-key", session: S.read("session")
        }, function () {
            print("@@", socket.authorized, socket.isSessionReused(), tls.memory().signatures);
            socket.write("GET / HTTP/1.0\\r\\n\\r\\n");
        }).on("error", function (error) { print("@@", error.code); }).on("data", function () { socket.end(); });
        socket.on("close", function () {
            var session = socket.getSession();
            if (session && session !== S.read("session")) S.write("session", session);
            print("DONE");
        });`;

    it("resumes a session kept in Storage after a restart, as a client whose key is kept there too", async function () {
        const { chainPem, keyDer, rootFile } = pki.clients.ec;
        const chain = chainPem.split(/(?<=-----END CERTIFICATE-----\n)/).filter(Boolean).map(derOf);
        const files = { root: pki.rsa.rootDer, own: Buffer.concat(chain), "own-key": keyDer };
        const write = Object.entries(files).map(([name, der]) =>
            `require("Storage").write("${name}", atob("${Buffer.from(der).toString("base64")}"));`);
        const serverPort = await startServer(pki.rsa, "1.3", rootFile);
        assert.deepEqual(await pico.run(write.join("\n") + visit(serverPort)), ["@@ true false 4"]);
        assert.deepEqual(await pico.run(visit(serverPort)), ["@@ true true 0"]);
    });

    const refused: [BadName, Version, string][] = [
        ["wrongHost", "1.3", "ETLS_CERT_NAME_MISMATCH"],
        ["expired", "1.2", "ETLS_CERT_EXPIRED"],
        ["unknownIssuer", "1.3", "ETLS_CERT_UNKNOWN_ISSUER"],
        ["selfSigned", "1.2", "ETLS_CERT_SELF_SIGNED"],
        ["rsa1024", "1.2", "ETLS_CERT_WEAK_KEY"],
    ];
    for (const [name, version, code] of refused) {
        it(`refuses ${name}, TLS ${version}: ${code}`, async function () {
            const identity = pki.bad[name];
            const lines = await pico.run(getPage({ host: identity.host, port: await startServer(identity, version), identity }));
            assert.deepEqual(lines, [`@@ ${code}`]);
        });
    }

    it("takes at most 450 blocks of memory when loaded", async function () {
        const lines = await pico.run(
            "var before = process.memory().usage;" +
                'var modules = [require("tls"), require("https")];' +
                'print("@@", process.memory().usage - before <= 450, typeof modules[1].get); print("DONE");',
        );
        assert.deepEqual(lines, ["@@ true function"]);
    });

    it("a request takes less than half of the Pico's 12,000 blocks, and gives back what the inside does not need", async function () {
        const identity = pki.ec;
        const port = await startServer(identity, "1.2");
        const lines = await pico.run(`
            var before = process.memory().usage;
            function show(what) { print("@@", what, process.memory().usage - before); }
            var tls = require("tls"), https = require("https");
            show("loaded");
            https.get({
                host: "${identity.host}", port: ${port}, path: "/",
                ca: atob("${Buffer.from(identity.rootDer).toString("base64")}")
            }, function (response) {
                show("answered");
                response.on("data", function () {});
                response.on("end", function () {
                    setTimeout(function () {
                        show("idle");
                        https.globalAgent.destroy();
                        setTimeout(function () { show("closed"); print("DONE"); }, 500);
                    }, 500);
                });
            });`);
        const blocks = Object.fromEntries(lines.map((line) => line.split(" ").slice(1)));
        console.log(`      blocks: ${lines.map((line) => line.slice(3)).join(", ")}`);
        assert.deepEqual(Object.keys(blocks), ["loaded", "answered", "idle", "closed"]);
        assert.ok(Number(blocks["loaded"]) <= 450);
        assert.ok(Number(blocks["answered"]) < 6000);
        assert.ok(Number(blocks["closed"]) <= Number(blocks["idle"]) && Number(blocks["idle"]) < Number(blocks["answered"]));
    });

    it("notices that Storage was compacted, and is repaired by install", async function () {
        // Programs that were run before lie before it, and are no more. What moves files is not in one itself.
        const compact = `
            var s = require("Storage"), before = E.getAddressOf(s.read("tls-image"), true);
            s.compact();
            print("@@", E.getAddressOf(s.read("tls-image"), true) < before);
            print("DONE");`;
        const move = `setTimeout(${JSON.stringify(compact)}, 10);`;
        assert.deepEqual(await pico.run(move), ["@@ true"]);
        const identity = pki.rsa;
        const page = { host: identity.host, port: await startServer(identity, "1.2"), identity };
        const use = getPage({ ...page, failure: "error.code, /Storage has moved .* run npx espruino-tls install/.test(error.message)" });
        assert.deepEqual(await pico.run(use), ["@@ ETLS_CORE_FAILED true"]);
        const repair = await pico.cli("install");
        assert.match(repair.output, /Installed: tls-image, https, tls\n/);
        assert.deepEqual(await pico.run(getPage(page)), ["@@ 200 true TLSv1.2"]);
    });

    it("leaves a seed for its next start at each one, and shows its noise source", async function () {
        const program =
            'var tls = require("tls"); tls.connect({host: "localhost", port: 1, ca: "x"}).on("error", function () {' +
            'var file = require("Storage").read("tls-seed"), at = 4, seeds = [];' +
            'for (; file.substr(at, 32) !== "".padEnd(32, "\\xff"); at += 32) seeds.push(E.CRC32(file.substr(at, 32)));' +
            'print("@@", tls.entropy().sources[0].name, file.substr(0, 4), file.length, seeds.join()); print("DONE"); });';
        const runs = [await pico.run(program), await pico.run(program)].map(([line = ""]) => line.split(" "));
        const [first = [], second = []] = runs.map((words) => (words[4] ?? "").split(","));
        assert.deepEqual(runs.map((words) => words.slice(0, 4)), Array(2).fill(["@@", "rosc", "etls", "1028"]));
        assert.deepEqual([second.slice(0, -1), new Set(second).size], [first, first.length + 1], `${runs}`);
    });

    it("gives raw samples of its ring oscillator, one for one, which can be assessed", async function () {
        await pico.noise();
        const file = join(pico.folder, "rosc.bin");
        const taken = await pico.cli("entropy", "capture", "--source", "rosc", "-n", "12000", "-o", file);
        assert.equal(taken.code, 0, taken.output);
        assert.match(taken.output, /rosc\.bin: 12,000 samples of 1 bit, rosc of ESPR_RP2040_PICO, Espruino 2v/);
        const samples = readFileSync(file);
        assert.equal(samples.length, 12000);
        assert.ok((await pico.noise()).includes(samples.join("")), "just what the oscillator gave, in its order");
        const assessed = await cli(["entropy", "assess", file, "--bits", "1", "--json"]);
        assert.equal(assessed.code, 0, assessed.output);
        const { minEntropy } = JSON.parse(assessed.output.slice(assessed.output.indexOf("{"))) as { minEntropy: number };
        assert.ok(minEntropy > 0.4 && minEntropy <= 1, `${minEntropy}`);
    });

    it("says which sources there are, and leaves no file behind", async function () {
        const file = join(pico.folder, "adc.bin");
        const { code, output } = await pico.cli("entropy", "capture", "--source", "adc", "-o", file);
        assert.equal(code, 2);
        assert.match(output, /ETLS_USAGE: the rp2040 has no source adc; it has rosc/);
        assert.deepEqual(readdirSync(pico.folder).filter((name) => name.startsWith("adc")), []);
    });

    it("uninstalls all of it", async function () {
        const { output } = await pico.cli("uninstall");
        assert.match(output, /Removed: .*tls-image/);
        const lines = await pico.run('print("@@", require("Storage").list(/^tls-|^https/).join()); print("DONE");');
        assert.deepEqual(lines, ["@@ tls-run"]);
    });
});
