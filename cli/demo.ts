// SPDX-License-Identifier: Apache-2.0
/**
 * The demo: real HTTPS with servers on this machine, verified and measured, then five servers that
 * must be refused. Exit code 1 when anything is not as it should be.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../modules/errors.ts";
import type { PeerCertificate } from "../modules/report.ts";
import { makePki } from "../test/support/pki.ts";
import type { Identity, Pki } from "../test/support/pki.ts";
import { nodeHttpsServer, opensslServer } from "../test/support/servers.ts";
import type { Version } from "../test/support/servers.ts";
import { ARENA, fetchOnce } from "./demo_fetch.ts";
import type { Fetched } from "./demo_fetch.ts";
import { validityText } from "./get_report.ts";
import { bytes, grouped, harmless, paintsFor, wrapped } from "./terminal.ts";

const paint = paintsFor(process.stdout);
const problems: string[] = [];

const print = function (line = ""): void {
    process.stdout.write(`${line}\n`);
};

/** Notes what is not as expected. */
const expect = function (good: boolean, what: string): void {
    if (!good) problems.push(what);
};

/** Breaks a text into lines. */
const hanging = function (text: string, indent: number): string {
    return wrapped(text, 100 - indent).join(`\n${" ".repeat(indent)}`);
};

const link = function (certificate: PeerCertificate): string {
    return `${harmless(certificate.subject["CN"] ?? "?")} (${certificate.key})`;
};

const first = function (list: string[], count: number): string {
    return list.slice(0, count).join(", ") + (list.length > count ? ", …" : "");
};

/** One of the four fetches. */
interface Trial {
    title: string;
    version: Version;
    identity: Identity;
    server: "openssl" | "node";
}

const describe = function (trial: Trial, shown: Fetched): void {
    const [leaf, ...issuers] = shown.chain;
    const server = trial.server === "node" ? "Node's https" : "openssl s_server";
    const title = `${paint.green("✓")} ${paint.bold(trial.title)}`;
    print(`  ${title} from ${server}: status ${shown.status}, ${bytes(shown.body.length)}`);
    print(`      chain   ${shown.chain.map(link).join(" < ")}`);
    print(`      name    ${trial.identity.host} is one of ${first(shown.names.split(", "), 3)}`);
    const [own, above] = [leaf, issuers.at(-1)].map((one) => (one ? validityText(one) : "?"));
    print(`      dates   ${own}; its issuers ${above}`);
    print(`      cipher  ${shown.protocol}, ${shown.cipher}`);
};

const check = function (trial: Trial, shown: Fetched): void {
    const { title, identity } = trial;
    expect(shown.status === 200 && shown.body.length > 0, `${title}: no page`);
    expect(shown.authorized, `${title}: not verified`);
    expect(shown.protocol === `TLSv${trial.version}`, `${title}: got ${shown.protocol}`);
    expect(shown.names.includes(`DNS:${identity.host}`), `${title}: names are ${shown.names}`);
    expect(shown.chain.length === 3, `${title}: chain of ${shown.chain.length}`);
};

/** Fetches twice: to show the chain, and to measure without keeping it. */
const accept = async function (trial: Trial): Promise<Fetched | undefined> {
    const { title, identity, version } = trial;
    const start = trial.server === "node" ? nodeHttpsServer : opensslServer;
    const server = await start({ identity, version });
    const shown = await fetchOnce(server.port, identity, true, `TLSv${version}`);
    const measured = await fetchOnce(server.port, identity, false, `TLSv${version}`);
    await server.close();
    const error = shown.error ?? measured.error;
    if (!shown.fetched || !measured.fetched) {
        expect(false, `${title}: ${error?.code}: ${error?.message}`);
        print(`  ${paint.red("✗")} ${title}: ${error?.code}`);
        return undefined;
    }
    expect(shown.left === 0 && measured.left === 0, `${title}: ${shown.left} bytes left in use`);
    check(trial, shown.fetched);
    describe(trial, shown.fetched);
    return measured.fetched;
};

const refuse = async function (label: string, identity: Identity, code: string): Promise<void> {
    const server = await nodeHttpsServer({ identity });
    const { error, left } = await fetchOnce(server.port, identity, false);
    await server.close();
    const good = error?.code === code;
    expect(good, `${label}: ${error ? `refused with ${error.code}, not ${code}` : "accepted"}`);
    expect(left === 0, `${label}: ${left} bytes left in use`);
    const mark = good ? paint.green("✓") : paint.red("✗");
    print(`  ${mark} ${paint.bold(label.padEnd(15))} ${error?.code ?? "accepted"}`);
    if (error) print(`    ${hanging(harmless(error.message), 4)}`);
};

const table = function (rows: [title: string, measured: Fetched | undefined][]): void {
    print(paint.bold("Heap in bytes                 peak      idle"));
    for (const [title, measured] of rows) {
        const [peak, idle] = measured ? [measured.peak, measured.idle].map(grouped) : ["–", "–"];
        print(`  ${title.padEnd(20)}${peak?.padStart(12)}${idle?.padStart(10)}`);
    }
    print(paint.dim("  peak: the most in use at any moment; idle: connected, nothing in flight;"));
    print(paint.dim("  both with the trusted root, and counted by the allocator that boards run."));
};

const show = async function (pki: Pki): Promise<void> {
    const trials: Trial[] = [
        { title: "TLS 1.2, EC chain", version: "1.2", identity: pki.ec, server: "openssl" },
        { title: "TLS 1.2, RSA chain", version: "1.2", identity: pki.rsa, server: "openssl" },
        { title: "TLS 1.3, EC chain", version: "1.3", identity: pki.ec, server: "node" },
        { title: "TLS 1.3, RSA chain", version: "1.3", identity: pki.rsa, server: "node" },
    ];
    print(paint.bold("Verified"));
    const rows: [string, Fetched | undefined][] = [];
    for (const trial of trials) rows.push([trial.title, await accept(trial)]);
    print();
    table(rows);
    print();
    print(paint.bold("Refused"));
    await refuse("wrong host", pki.bad.wrongHost, "ETLS_CERT_NAME_MISMATCH");
    await refuse("expired", pki.bad.expired, "ETLS_CERT_EXPIRED");
    await refuse("unknown issuer", pki.bad.unknownIssuer, "ETLS_CERT_UNKNOWN_ISSUER");
    await refuse("self-signed", pki.bad.selfSigned, "ETLS_CERT_SELF_SIGNED");
    await refuse("weak key", pki.bad.rsa1024, "ETLS_CERT_WEAK_KEY");
    print();
};

const main = async function (): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "etls-demo-"));
    try {
        print(paint.bold("espruino-tls: verified HTTPS by Mbed TLS in WebAssembly"));
        print("The servers run on this machine, with keys and certificates made at this moment;");
        print(`each fetch has a core of its own with ${bytes(ARENA)} of memory.`);
        const pki = await makePki(folder);
        print();
        await show(pki);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
    if (problems.length === 0) {
        const good = "4 fetches verified, 5 bad servers refused, 0 bytes left in use.";
        print(`${paint.green("As it should be:")} ${good}`);
        print("Next, try a server of your own choice:");
        print(`  ${paint.bold("npx espruino-tls get https://example.org/ -v")}`);
        return;
    }
    print(paint.red("Not as it should be:"));
    for (const problem of problems) print(`  ${hanging(problem, 2)}`);
    process.exitCode = 1;
};

try {
    await main();
} catch (error) {
    process.stderr.write(`The demo broke off: ${reasonOf(error)}\n`);
    process.exitCode = 1;
}
