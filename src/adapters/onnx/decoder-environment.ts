/** What a process needs to start, to find its libraries and to measure itself, and nothing that a pipeline is told. */
const PASSED = [
  /^(path|pathext|systemroot|systemdrive|windir)$/,
  /^(tmpdir|temp|tmp)$/,
  /^(lang|language|lc_[a-z]+|tz)$/,
  /^(ld_library_path|ld_preload|dyld_[a-z_]+|glibc_tunables)$/,
  /^(malloc|mimalloc|ort|omp|uv|vips)_[a-z0-9_]+$/,
  /^(node_env|node_v8_coverage)$/,
];

/**
 * The part of an environment that a decoder process gets. It runs native code on files of strangers, so that passwords and
 * keys are not its to hold.
 */
export function decoderEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const passed = ([name]: [string, unknown]) => PASSED.some((pattern) => pattern.test(name.toLowerCase()));
  return Object.fromEntries(Object.entries(env).filter(passed));
}
