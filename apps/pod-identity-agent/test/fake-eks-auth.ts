import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  readonly path: string;
  readonly authorization: string;
  readonly securityToken: string | undefined;
  readonly token: string;
}

export interface Reply {
  readonly status: number;
  readonly errorType?: string;
  readonly body: object;
}

/** EKS Auth on a port of loopback; a test says what it answers, and when. */
export interface FakeEksAuth {
  readonly url: string;
  readonly seen: readonly Seen[];
  answer: (token: string) => Reply | Promise<Reply>;
  close(): Promise<void>;
}

export function grantedFor(accessKeyId: string, expiration = Math.floor(Date.now() / 1_000) + 21_600): Reply {
  return {
    status: 200,
    body: {
      podIdentityAssociation: { associationArn: "arn", associationId: "a-1" },
      assumedRoleUser: { arn: "arn:aws:sts::111122223333:assumed-role/reader/eks-lab-web-1", assumeRoleId: "AROA1:eks-lab-web-1" },
      credentials: { accessKeyId, secretAccessKey: "secret", sessionToken: "session", expiration },
    },
  };
}

export async function startFakeEksAuth(): Promise<FakeEksAuth> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const { token } = JSON.parse(await bodyOf(request)) as { token: string };
      const { headers, url = "" } = request;
      seen.push({ path: url, authorization: headers.authorization ?? "", securityToken: textOf(headers["x-amz-security-token"]), token });
      const { status, errorType, body } = await fake.answer(token);
      const more = errorType === undefined ? {} : { "x-amzn-errortype": errorType };
      response.writeHead(status, { "content-type": "application/json", "x-amzn-requestid": "r-1", ...more }).end(JSON.stringify(body));
    };
    void serve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const fake: FakeEksAuth = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: () => grantedFor("ASIA1"),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return fake;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
