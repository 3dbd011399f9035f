// SPDX-License-Identifier: Apache-2.0
/**
 * Real TLS servers on ports of 127.0.0.1, for clients to be tried against: OpenSSL, GnuTLS, nginx
 * and Node's own.
 *
 * @module
 */
import type { Identity } from "./pki.ts";
import { start, startOnFreePort } from "./processes.ts";

/** A TLS version as options name it. */
export type Version = "1.2" | "1.3";

/** A server that runs. */
export interface Server {
    port: number;
    /** Ends it with all its connections. */
    close(): Promise<void>;
    /** What it has printed so far; Node's: the errors of its connections, a line each. */
    output(): string;
}

/** What all servers are started with. */
export interface ServerOptions {
    identity: Identity;
    /** The only version it speaks; both unless told. */
    version?: Version | undefined;
    /** Asks for a client certificate that this root (PEM file) has issued, and insists. */
    clientRootFile?: string | undefined;
}

/** {@link opensslServer}'s options. */
export interface OpensslOptions extends ServerOptions {
    /**
     * `www`: a status page for any GET; `files`: the files of `folder`; `http`: the same, headers
     * being in the files; `reverse`: sends back each line reversed; `raw`: prints what comes, sends
     * what `send` gives.
     */
    mode?: "www" | "files" | "http" | "reverse" | "raw" | undefined;
    folder?: string | undefined;
    /** More arguments for `openssl s_server`. */
    args?: string[] | undefined;
}

/** A server that is a program with a standard input. */
export interface ProgramServer extends Server {
    send(text: string): void;
}

const OPENSSL_MODES = {
    www: ["-www"],
    files: ["-WWW", "-http_server_binmode"],
    http: ["-HTTP", "-http_server_binmode"],
    reverse: ["-rev"],
    raw: [],
};

/** Starts `openssl s_server`. It serves one connection after the other. */
export async function opensslServer(options: OpensslOptions): Promise<ProgramServer> {
    const { identity, version, clientRootFile, folder, args = [] } = options;
    const running = await start(
        "openssl",
        [
            ...["s_server", "-accept", "127.0.0.1:0"],
            ...["-key", identity.keyFile, "-cert", identity.certFile],
            ...(identity.issuersPem ? ["-cert_chain", identity.issuersFile] : []),
            ...OPENSSL_MODES[options.mode ?? "www"],
            ...(version ? [`-tls${version.replace(".", "_")}`] : []),
            ...(identity.weak ? ["-cipher", "ALL:@SECLEVEL=0"] : []),
            ...(clientRootFile ? ["-Verify", "9", "-verify_return_error"] : []),
            ...(clientRootFile ? ["-CAfile", clientRootFile] : []),
            ...args,
        ],
        /^ACCEPT \S+:(\d+)$/m,
        folder,
    );
    return { ...running, port: Number(running.ready[1]) };
}

/** {@link gnutlsServer}'s options. */
export interface GnutlsOptions extends ServerOptions {
    /** `http`: a status page for any GET; `echo`: sends back what comes. */
    mode?: "http" | "echo" | undefined;
    /** More arguments for `gnutls-serv`. */
    args?: string[] | undefined;
}

/** Starts `gnutls-serv`. (It listens on all addresses; it has no option for that.) */
export async function gnutlsServer(options: GnutlsOptions): Promise<ProgramServer> {
    const { identity, version, clientRootFile, args = [] } = options;
    const only = version ? `NORMAL:-VERS-ALL:+VERS-TLS${version}` : "NORMAL";
    return startOnFreePort((port) =>
        start(
            "gnutls-serv",
            [
                ...[`--${options.mode ?? "http"}`, "--port", String(port), "--priority", only],
                ...["--x509keyfile", identity.keyFile, "--x509certfile", identity.chainFile],
                ...(clientRootFile
                    ? ["--require-client-cert", "--verify-client-cert"]
                    : ["--disable-client-cert"]),
                ...(clientRootFile ? ["--x509cafile", clientRootFile] : []),
                ...args,
            ],
            /IPv4 \S+ port \d+\.\.\.done/,
        ),
    );
}

export { nginxServer, type NginxServer } from "./nginx.ts";
export { nodeHttpsServer, nodeTlsServer } from "./node-servers.ts";
