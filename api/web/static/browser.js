// The page /hardware/browser: asks the browser what a page can use of its machine, and makes a hardware profile of it.
// Nothing is sent before the button is pressed; then it is exactly the text that is shown.

const GPU = "browser_gpu";
const LIMIT_MS = 3000;
const MAX_TEXT = 300;
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
];
// WebGPU's name of a maker -> the chip in the words of the questionnaire.
const MAKERS = { nvidia: "nvidia_gpu", amd: "amd_gpu", intel: "intel_gpu" };
const PHONE_MAKERS = ["qualcomm", "arm", "img-tec", "samsung"];
const CPUS = { x86: ["x86_64", "x86_cpu"], arm: ["aarch64", "arm_cpu"] };
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

const byId = (id) => document.getElementById(id);
const began = performance.now();
const findings = [];
let since = began;

// One plain line of at most MAX_TEXT characters, as the service takes it.
function clean(text) {
  const plain = String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ").replace(/\s+/g, " ").trim();
  return Array.from(plain).slice(0, MAX_TEXT).join("").trim();
}

function milliseconds(from, to) {
  return Math.round(Math.max(0, to - from) * 1000) / 1000;
}

// Keeps a finding; its time is what passed since the one before. Gives the sentence of the reason.
function note(probe, rung, state, reason, source, raw = "") {
  const now = performance.now();
  const finding = { probe, rung, state, reason: clean(reason), source, elapsed_ms: milliseconds(since, now) };
  if (clean(raw)) finding.raw = clean(raw);
  since = now;
  findings.push(finding);
  return finding.reason.slice(finding.reason.indexOf(": ") + 2);
}

// What `ask` promises, waiting no longer than `limit`: {value}, {error} or {late}.
async function within(limit, ask) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(() => resolve({ late: true }), limit); });
  const asked = (async () => ({ value: await ask() }))().catch((error) => ({ error }));
  const answer = await Promise.race([asked, late]);
  clearTimeout(timer);
  return answer;
}

const named = (error) => (error && error.name) || "Error";

// What WebGPU comes to: {sentence, state} without an adapter, {sentence, device, maker, adapter} with one.
async function graphics() {
  const says = (state, reason, source, raw) => ({ state, sentence: note(GPU, "present", state, reason, source, raw) });
  if (!isSecureContext)
    return says("unknown", "insecure_page: WebGPU needs HTTPS or localhost, and this page came over plain HTTP", "isSecureContext");
  if (!navigator.gpu) return says("no", "no_webgpu: this browser has no WebGPU, or it is switched off", "navigator.gpu");
  const ends = performance.now() + LIMIT_MS;
  const source = "GPU.requestAdapter";
  const { value: adapter, error, late } = await within(LIMIT_MS, () =>
    navigator.gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (late) return says("unknown", "timeout: WebGPU gave no answer within 3 seconds", source);
  if (error) return says("unknown", `request_failed: WebGPU refused to look for an adapter (${named(error)})`, source, error.message);
  if (!adapter) return says("no", "no_adapter: the browser has WebGPU, but no adapter for it on this machine", source);
  return opened(adapter, ends);
}

async function opened(adapter, ends) {
  const info = adapter.info ?? {};
  const said = ["vendor", "architecture", "device", "description"].filter((name) => info[name]);
  const raw = said.map((name) => `${name}=${info[name]}`).join(" ");
  const software = (info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false) || SOFTWARE.test(raw);
  note(GPU, "present", "yes", "adapter_found: WebGPU offers an adapter", "GPU.requestAdapter", raw);
  note(GPU, "driver", "yes", "built_in: the browser speaks to the driver itself", "GPU.requestAdapter");
  const { usable, sentence } = software ? onProcessor() : await tried(adapter, ends);
  const device = {
    kind: GPU,
    name: clean(info.description || [info.vendor, info.architecture || info.device].filter(Boolean).join(" ")) || "WebGPU adapter",
    present: "yes",
    driver: "yes",
    usable,
  };
  if (clean(info.architecture ?? "")) device.architecture = clean(info.architecture);
  abilities(adapter);
  return { sentence, device, maker: usable === "yes" ? info.vendor : "", adapter };
}

function onProcessor() {
  const reason = "software_adapter: WebGPU runs on the processor here, not on a graphics processor";
  return { usable: "no", sentence: note(GPU, "usable", "no", reason, "GPUAdapterInfo.isFallbackAdapter") };
}

// An adapter may still refuse to be opened, so it is.
async function tried(adapter, ends) {
  const source = "GPUAdapter.requestDevice";
  const left = Math.max(0, ends - performance.now());
  const { value: device, error, late } = await within(left, () => adapter.requestDevice());
  const says = (usable, reason, raw) => ({ usable, sentence: note(GPU, "usable", usable, reason, source, raw) });
  if (late) return says("unknown", "timeout: the adapter gave no answer within 3 seconds");
  if (error) return says("no", `device_refused: the adapter could not be opened (${named(error)})`, error.message);
  device?.destroy?.();
  return says("yes", "device_opened: WebGPU works here");
}

function abilities(adapter) {
  const features = [...(adapter.features ?? [])].sort();
  const half = features.includes("shader-f16");
  const reason = half ? "offered: shaders may compute in 16 bits" : "not_offered: shaders compute in 32 bits only";
  note("shader_f16", "usable", half ? "yes" : "no", reason, "GPUAdapter.features", features.join(" "));
  const limits = LIMITS.filter((name) => Number.isFinite(adapter.limits?.[name]));
  const raw = limits.map((name) => `${name}=${adapter.limits[name]}`).join(" ");
  if (raw) note("webgpu_limits", "usable", "yes", "read: what one buffer and one workgroup may hold", "GPUAdapter.limits", raw);
}

function browser(agent) {
  const brands = (agent?.brands ?? []).filter(({ brand }) => !/not.*brand/i.test(brand));
  const brand = brands.find((each) => each.brand !== "Chromium") ?? brands[0];
  if (brand) return clean(`${brand.brand} ${brand.version}`);
  const [, firefox] = navigator.userAgent.match(/Firefox\/(\d+)/) ?? [];
  const [, safari] = navigator.userAgent.match(/Version\/(\d+)\S* .*Safari/) ?? [];
  const [, chromium] = navigator.userAgent.match(/Chrom(?:e|ium)\/(\d+)/) ?? [];
  if (firefox) return `Firefox ${firefox}`;
  if (chromium) return `Chromium ${chromium}`;
  return safari ? `Safari ${safari}` : "Browser";
}

// [one of the systems of a profile, its name]; phones and tablets say much the same as what they grew out of.
function system(agent) {
  const platform = agent?.platform || navigator.platform || "";
  const told = `${platform} ${navigator.userAgent}`;
  const touched = /^mac/i.test(platform) && navigator.maxTouchPoints > 1;
  if (/android/i.test(told)) return ["other", "Android"];
  if (/iphone|ipad|\bios\b/i.test(told) || touched) return ["other", "iOS"];
  if (/\bcros\b|chrom\w* os/i.test(told)) return ["other", "ChromeOS"];
  if (/^win/i.test(platform)) return ["windows", "Windows"];
  if (/^mac/i.test(platform)) return ["macos", "macOS"];
  return /linux/i.test(platform) ? ["linux", "Linux"] : ["other", ""];
}

// Processor and memory, as far as browsers tell: {arch, chip, memory}.
async function machine(agent) {
  const ask = () => agent?.getHighEntropyValues?.(["architecture", "bitness"]);
  const told = (await within(LIMIT_MS, ask)).value ?? {};
  const [arch, chip] = (told.bitness === "64" && CPUS[told.architecture]) || [];
  const memory = navigator.deviceMemory;
  since = performance.now();
  if (memory) note("memory", "present", "unknown", `rounded: about ${memory} GiB or more; a browser says no more`, "navigator.deviceMemory", memory);
  return { arch, chip, memory };
}

function graphicsChip(maker, [os, name]) {
  if (maker === "apple") return os === "macos" ? "apple_silicon" : "phone_gpu";
  if (PHONE_MAKERS.includes(maker)) return ["Android", "iOS"].includes(name) ? "phone_gpu" : "integrated_gpu";
  return MAKERS[maker];
}

async function look() {
  const agent = navigator.userAgentData;
  const [os, name] = system(agent);
  const seen = await graphics();
  const { arch, chip, memory } = await machine(agent);
  const called = browser(agent);
  const profile = {
    schema: "steelyard/hardware-profile/1",
    origin: "pushed",
    label: clean(name ? `${called} on ${name}` : called),
    captured_at: new Date().toISOString().slice(0, 19) + "Z",
    host: { os },
    cpu: {},
    devices: seen.device ? [seen.device] : [],
    findings,
    elapsed_ms: milliseconds(began, performance.now()),
  };
  if (name) profile.host.os_name = name;
  if (arch) profile.host.arch = arch;
  if (navigator.hardwareConcurrency >= 1) profile.cpu.usable_cores = navigator.hardwareConcurrency;
  const chips = [chip, graphicsChip(seen.maker, [os, name])].filter(Boolean);
  return { profile, chips, seen, memory };
}

// The profile for one of two purposes: a machine that models are deployed to, or one that they are trained on.
function written({ profile, chips }) {
  const runs = byId("purpose-run").checked;
  const whole = runs ? { ...profile, targets: ["browser"], chips } : { ...profile };
  if (runs && !chips.length) delete whole.chips;
  return JSON.stringify(whole, null, 2);
}

const gib = (bytes) => `${Math.round((bytes / 2 ** 30) * 100) / 100} GiB`;

function show(found) {
  const { profile, seen, memory } = found;
  const limits = seen.adapter?.limits ?? {};
  const half = findings.find((each) => each.probe === "shader_f16");
  const sentence = seen.sentence[0].toUpperCase() + seen.sentence.slice(1) + ".";
  const rows = {
    answer: sentence,
    "says-browser": profile.label,
    "says-adapter": seen.device?.name ?? (seen.state === "no" ? "none" : "not known"),
    "says-half": half ? { yes: "yes", no: "no" }[half.state] : "not known",
    "says-buffer": limits.maxBufferSize ? gib(limits.maxBufferSize) : "not known",
    "says-processor": [profile.host.arch, `${profile.cpu.usable_cores ?? "?"} cores`].filter(Boolean).join(", "),
    "says-memory": memory ? `about ${memory} GiB or more` : "not told",
  };
  for (const [id, text] of Object.entries(rows)) byId(id).textContent = text;
  byId("profile").textContent = written(found);
}

const say = (...parts) => byId("said").replaceChildren(...parts);

function link(to, text) {
  const made = document.createElement("a");
  made.href = to;
  made.textContent = text;
  return made;
}

async function keep() {
  say("Sending …");
  try {
    const answer = await fetch("/v1/hardware", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: byId("profile").textContent,
    });
    const told = await answer.json();
    if (!answer.ok) return say(`Not kept: ${told.detail ?? told.title ?? answer.status}`);
    const id = encodeURIComponent(told.id);
    say("Kept as ", link(`/hardware/${id}`, told.id), ". ", link(`/questionnaire?hardware=${id}#part-hardware`, "Ask about this browser"), ".");
  } catch {
    say("Not kept: the service did not answer.");
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("profile").textContent);
    say("Copied.");
  } catch {
    getSelection().selectAllChildren(byId("profile"));
    say("This page may not copy; the text is selected instead.");
  }
}

function download() {
  const file = URL.createObjectURL(new Blob([byId("profile").textContent], { type: "application/json" }));
  const saved = link(file, "");
  saved.download = "browser-profile.json";
  saved.click();
  setTimeout(() => URL.revokeObjectURL(file), 1000);
  say("Saved as browser-profile.json.");
}

function ready(found) {
  show(found);
  for (const radio of document.querySelectorAll("input[name=purpose]"))
    radio.addEventListener("change", () => { byId("profile").textContent = written(found); say(""); });
  for (const [id, does] of Object.entries({ keep, copy, download })) {
    byId(id).addEventListener("click", does);
    byId(id).disabled = false;
  }
}

try {
  ready(await look());
} catch (error) {
  byId("answer").textContent = `The look at this browser failed (${named(error)}).`;
}
