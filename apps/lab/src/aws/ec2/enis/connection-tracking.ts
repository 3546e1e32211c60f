import type { ConnectionTrackingSpecificationRequest } from "@aws-sdk/client-ec2";
import type { ConnectionTracking } from "@slash28/vpc";

/** The fields that were given; `undefined` when none was. */
export function connectionTrackingOf(asked: ConnectionTrackingSpecificationRequest | undefined): ConnectionTracking | undefined {
  const { TcpEstablishedTimeout: tcp, UdpStreamTimeout: stream, UdpTimeout: udp } = asked ?? {};
  const given: ConnectionTracking = {
    ...(tcp === undefined ? {} : { tcpEstablishedTimeout: tcp }),
    ...(stream === undefined ? {} : { udpStreamTimeout: stream }),
    ...(udp === undefined ? {} : { udpTimeout: udp }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}
