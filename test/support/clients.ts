// SPDX-License-Identifier: Apache-2.0
/**
 * Real TLS clients for a server on 127.0.0.1 to be tried with: curl, OpenSSL, GnuTLS and Node. All
 * of them verify the server.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as https from "node:https";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { parseResponse } from "./http-text.ts";
import type { Identity } from "./pki.ts";
import { run } from "./processes.ts";
import type { Version } from "./servers.ts";

/** What a client does. */
export interface ClientOptions {
    port: number;
    /** The trust anchor, a PEM file. */
    rootFile: string;
    /** The name asked for and verified, `localhost` unless told. May be an IP address. */
    host?: string | undefined;
    /** The client certificate. */
    identity?: Identity | undefined;
    /** The only version it speaks; both unless told. */
    version?: Version | undefined;
    /** `/` unless told. */
    path?: string | undefined;
    /** GET unless told, PUT with a body. */
    method?: string | undefined;
    body?: Uint8Array | undefined;
    /** More arguments for the program. */
    args?: string[] | undefined;
}

/** A client of a protocol other than HTTP: what it sends, and when it has seen enough. */
export interface RawOptions extends ClientOptions {
    /** Sent instead of an HTTP request. `stdout` and `body` are then what came. */
    input?: string | Uint8Array | undefined;
    /** Ends the client; without it the server must end the connection. */
    until?: ((stdout: Buffer) => boolean) | undefined;
}

/** What became of it. */
export interface ClientResult {
    /** True when the handshake was verified and, with HTTP, a response came. */
    ok: boolean;
    /** The HTTP status; 0 where none came. */
    status: number;
    body: Buffer;
    stdout: string;
    /** Here clients say what they think of the handshake. Node: its error code. */
    stderr: string;
}

/** A request made by curl. */
export async function curl(options: ClientOptions): Promise<ClientResult> {
    const { port, identity, version, body, host = "localhost" } = options;
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    const { code, stdout, stderr } = await run(
        "curl",
        [
            ...["-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "15"],
            ...["--cacert", options.rootFile, "--connect-to", `::127.0.0.1:${port}`],
            ...(version ? [`--tlsv${version}`, "--tls-max", version] : ["--tlsv1.2"]),
            ...(identity ? ["--cert", identity.chainFile, "--key", identity.keyFile] : []),
            ...["--request", options.method ?? (body ? "PUT" : "GET")],
            ...(body ? ["--data-binary", "@-", "--header", "Expect:"] : []),
            ...["--write-out", "%{stderr}\nstatus %{http_code}\n", ...(options.args ?? [])],
            `https://${authority}${options.path ?? "/"}`,
        ],
        { input: body },
    );
    const status = Number(/^status (\d+)$/m.exec(stderr)?.[1] ?? 0);
    return { ok: code === 0, status, body: stdout, stdout: stdout.toString(), stderr };
}

/** A request made by `openssl s_client`, or other bytes sent by it. */
export async function opensslClient(options: RawOptions): Promise<ClientResult> {
    const { port, identity, version, host = "localhost" } = options;
    const { stdout, stderr } = await run(
        "openssl",
        [
            ...["s_client", "-connect", `127.0.0.1:${port}`, "-brief", "-ign_eof"],
            ...["-CAfile", options.rootFile, "-verify_return_error"],
            ...(isIP(host)
                ? ["-noservername", "-verify_ip", host]
                : ["-servername", host, "-verify_hostname", host]),
            ...(version ? [`-tls${version.replace(".", "_")}`] : []),
            ...(identity ? ["-cert", identity.certFile, "-key", identity.keyFile] : []),
            ...(identity?.issuersPem ? ["-cert_chain", identity.issuersFile] : []),
            ...(options.args ?? []),
        ],
        { input: options.input ?? requestText(options), keepInput: true, until: options.until },
    );
    return judge(options, /^Verification: OK/m.test(stderr), stdout, stderr);
}

/** A request made by `gnutls-cli`, or other bytes sent by it. */
export async function gnutlsClient(options: RawOptions): Promise<ClientResult> {
    const { port, identity, version, host = "localhost" } = options;
    const folder = mkdtempSync(join(tmpdir(), "etls-gnutls-"));
    const log = join(folder, "log");
    try {
        const { stdout, stderr } = await run(
            "gnutls-cli",
            [
                ...["--port", String(port), "--x509cafile", options.rootFile, "--logfile", log],
                ...["--verify-hostname", host],
                ...(isIP(host) ? ["--disable-sni"] : ["--sni-hostname", host]),
                ...["--priority", version ? `NORMAL:-VERS-ALL:+VERS-TLS${version}` : "NORMAL"],
                ...(identity ? ["--x509keyfile", identity.keyFile] : []),
                ...(identity ? ["--x509certfile", identity.chainFile] : []),
                ...(options.args ?? []),
                "127.0.0.1",
            ],
            {
                input: options.input ?? requestText(options),
                keepInput: true,
                until: options.until,
                grace: 1000, // It writes the log when it ends by itself.
            },
        );
        const said = `${stderr}\n${readFileSync(log, "utf8")}`;
        return judge(options, /^- Handshake was completed/m.test(said), stdout, said);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function requestText(options: ClientOptions): Buffer {
    const { method = options.body ? "PUT" : "GET", path = "/", host = "localhost", body } = options;
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close"];
    if (body) {
        lines.push(`Content-Length: ${body.length}`);
    }
    return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body ?? Buffer.alloc(0)]);
}

function judge(
    options: RawOptions,
    verified: boolean,
    stdout: Buffer,
    stderr: string,
): ClientResult {
    const text = stdout.toString();
    if (options.input !== undefined) {
        return { ok: verified, status: 0, body: stdout, stdout: text, stderr };
    }
    const { status, body } = parseResponse(stdout);
    return { ok: verified && status > 0, status, body, stdout: text, stderr };
}

/** Node's check of the name; but Node 22.23 does not find IPv6 addresses in certificates. */
export function checkName(host: string, certificate: tls.PeerCertificate): Error | undefined {
    if (isIP(host) === 6 && new X509Certificate(certificate.raw).checkIP(host)) {
        return undefined;
    }
    return tls.checkServerIdentity(host, certificate);
}

/** A request made by Node itself, in this process. */
export async function nodeHttps(options: ClientOptions): Promise<ClientResult> {
    const { port, identity, version, host = "localhost", body } = options;
    const only = version && (`TLSv${version}` as const);
    const request = https.request({
        host: "127.0.0.1",
        port,
        servername: isIP(host) ? "" : host,
        checkServerIdentity: (_, certificate) => checkName(host, certificate),
        headers: { Host: host, ...(body ? { "Content-Length": body.length } : {}) },
        ca: readFileSync(options.rootFile),
        path: options.path ?? "/",
        method: options.method ?? (body ? "PUT" : "GET"),
        agent: false,
        timeout: 15_000,
        ...(only ? { minVersion: only, maxVersion: only } : {}),
        ...(identity ? { key: identity.keyPem, cert: identity.chainPem } : {}),
    });
    return new Promise((resolve) => {
        const chunks: Buffer[] = [];
        const finish = (status: number, error?: NodeJS.ErrnoException): void => {
            const all = Buffer.concat(chunks);
            const stderr = error ? `${error.code}: ${error.message}` : "";
            resolve({ ok: !error, status, body: all, stdout: all.toString(), stderr });
        };
        request.on("timeout", () => request.destroy(new Error("timeout")));
        request.on("error", (error) => finish(0, error));
        request.on("response", (response) => {
            const status = response.statusCode ?? 0;
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", (error) => finish(status, error));
            response.on("end", () => finish(status));
        });
        request.end(body);
    });
}
