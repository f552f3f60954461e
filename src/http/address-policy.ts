import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** Where a connection is to lead, by the name it was asked for. */
export interface ConnectionTarget {
  /** `registry.example.com`, `10.0.0.5`, `::1` */
  readonly host: string;
  readonly port: number;
}

/** Whether the process may connect to `ip`, which is what the target's host resolved to, or is that host itself. */
export type IsAllowedAddress = (ip: string, target: ConnectionTarget) => boolean;

export function connectionTargetOf({ hostname, port, protocol }: URL): ConnectionTarget {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** Refuses a host that is written as an address and not allowed; names are judged by `checkedLookup`. Throws `forbidden`. */
export function checkLiteralAddress(target: ConnectionTarget, isAllowed: IsAllowedAddress): void {
  if (isIP(target.host) && !isAllowed(target.host, target)) throw refusal(target.host);
}

/**
 * A name look-up that hands out checked addresses only, so that the address judged is the address connected to. One address that is
 * not allowed refuses the name. The host of a proxy, which the administrator chose, is not judged: only `target` is.
 */
export function checkedLookup(target: ConnectionTarget, isAllowed: IsAllowedAddress): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '');
      if (hostname.toLowerCase() === target.host && !addresses.every(({ address }) => isAllowed(address, target))) {
        return callback(refusal(hostname), '');
      }
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

/** Which address it was is not said: that would tell the inside of the network to whoever may name a host. */
function refusal(host: string): BuilderError {
  return new BuilderError('forbidden', say`${host} is at an address that this service may not reach`, {
    hint: say`Use a host on the public internet, or ask the administrator to allow this one.`,
  });
}
