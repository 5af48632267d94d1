import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { javaProgram } from '../java/java.ts';
import { run } from '../java/run.ts';

export interface ServerCertificate {
  /** A PKCS #12 file with the server's key, and its certificate for 127.0.0.1 and localhost. */
  keystore: string;
  password: string;
}

/** A PEM file in the same folder: the certificate of the authority that signed the server's. */
export const CA_FILE = 'ca.pem';

/** Makes a certificate authority and a server certificate of it, in the folder, with the `keytool` of Java. */
export async function makeCertificate(folder: string): Promise<ServerCertificate> {
  const keystore = join(folder, 'keystore.p12');
  const password = randomUUID();
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', password];
  const keytool = (...args: string[]) => run(javaProgram('keytool'), [...args, ...store], 20_000);
  const pair = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '7'];
  await keytool('-genkeypair', '-alias', 'ca', '-dname', 'CN=Ordo test authority', '-ext', 'bc:critical', ...pair);
  const names = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  await keytool('-genkeypair', '-alias', 'server', '-signer', 'ca', ...names, ...pair);
  await keytool('-exportcert', '-alias', 'ca', '-rfc', '-file', join(folder, CA_FILE));
  // Else the server may present the authority's certificate as its own.
  await keytool('-delete', '-alias', 'ca');
  return { keystore, password };
}
