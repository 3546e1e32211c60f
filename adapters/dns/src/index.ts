export { decodeQuery, type DecodedQuery, type DnsQuery, type QueryFault } from "./query.ts";
export { encodeFault, encodeReply, udpLimitOf, TCP_SIZE } from "./encode-reply.ts";
export { decodeReply, encodeQuery } from "./client-messages.ts";
export { serveTcp, serveUdp, type AnswerQuery, type DnsClient, type DnsListener } from "./serve-dns.ts";
export { askServer, NoDnsAnswer, type AskOptions, type DnsServerAddress } from "./dns-client.ts";
