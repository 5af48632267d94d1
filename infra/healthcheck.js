/** The health check of the container: ends with 0 if `ordo up` here is live, on port 9464 or that given. */
const [port = '9464'] = process.argv.slice(2);
const live = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(3000) }).catch(
  () => undefined,
);
process.exitCode = live?.ok ? 0 : 1;
