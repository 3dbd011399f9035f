// SPDX-License-Identifier: Apache-2.0
/**
 * nginx as a test server, with a folder of its own and no rights of root.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, startOnFreePort } from "./processes.ts";
import type { Server, ServerOptions } from "./servers.ts";

/** An nginx that serves and takes files. */
export interface NginxServer extends Server {
    /**
     * Makes a file: GET /name answers it with its length, GET /chunked/name in chunks. (It is then
     * searched for server-side includes: it should be neither big nor contain `<!--#`.)
     */
    addFile(name: string, content: string | Uint8Array): void;
    /** What PUT /upload/name has stored. */
    uploaded(name: string): Buffer;
}

/** What nginx uses temporary folders for; builds differ in what they have. */
const MODULES = ["proxy", "fastcgi", "uwsgi", "scgi"];

/**
 * Starts nginx. It keeps connections for any number of requests.
 *
 * @param options `directives` are put into the server block
 */
export async function nginxServer(
    options: ServerOptions & { directives?: string },
): Promise<NginxServer> {
    const folder = mkdtempSync(join(tmpdir(), "etls-nginx-"));
    for (const name of ["static", "upload", "temporary"]) {
        mkdirSync(join(folder, name));
    }
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    const build = describeBuild();
    const config = join(folder, "nginx.conf");
    const args = ["-p", `${folder}/`, "-c", config, ...build.arguments];
    try {
        const { port, output, close } = await startOnFreePort((free) => {
            writeFileSync(config, settings(free, options, build.modules));
            // The level "notice" has it print this when the port is open.
            return start("nginx", args, /getrlimit\(RLIMIT_NOFILE\)/);
        });
        return {
            port,
            output,
            close: () => close().then(remove),
            addFile: (name, content) => writeFileSync(join(folder, "static", name), content),
            uploaded: (name) => readFileSync(join(folder, "upload", name)),
        };
    } catch (error) {
        remove();
        throw error;
    }
}

/** The arguments and modules that the installed nginx knows. */
function describeBuild(): { arguments: string[]; modules: string[] } {
    const { stderr } = spawnSync("nginx", ["-V"], { encoding: "utf8" });
    const [major = 0, minor = 0, patch = 0] = (/nginx\/([\d.]+)/.exec(stderr)?.[1] ?? "")
        .split(".")
        .map(Number);
    // Before 1.19.5 it cannot be kept from trying the log file of the system's nginx first.
    const knowsErrorLog = major * 1e6 + minor * 1e3 + patch >= 1_019_005;
    return {
        arguments: knowsErrorLog ? ["-e", "stderr"] : [],
        modules: MODULES.filter((name) => !stderr.includes(`--without-http_${name}_module`)),
    };
}

function settings(
    port: number,
    { identity, version, clientRootFile, directives = "" }: Parameters<typeof nginxServer>[0],
    modules: string[],
): string {
    return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path temporary/body;
    ${modules.map((name) => `${name}_temp_path temporary/${name};`).join(" ")}
    client_max_body_size 100m;
    keepalive_requests 1000000;
    keepalive_timeout 60s;
    server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${identity.chainFile};
        ssl_certificate_key ${identity.keyFile};
        ssl_protocols ${version ? `TLSv${version}` : "TLSv1.2 TLSv1.3"};
        ${identity.weak ? "ssl_ciphers ALL:@SECLEVEL=0;" : ""}
        ${clientRootFile ? `ssl_client_certificate ${clientRootFile};` : ""}
        ${clientRootFile ? "ssl_verify_client on; ssl_verify_depth 9;" : ""}
        ${directives}
        root static;
        location /chunked/ { alias static/; ssi on; ssi_types *; }
        location /upload/ { root .; dav_methods PUT; }
    }
}
`;
}
