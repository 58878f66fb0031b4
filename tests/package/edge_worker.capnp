using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(
    name = "main",
    worker = (
      modules = [
        (name = "worker", esModule = embed "edge_bundle.mjs"),
        (
          name = "@sterna/webrtc/sterna_crypto.wasm",
          wasm = embed "node_modules/@sterna/webrtc/sterna_crypto.wasm",
        ),
      ],
      compatibilityDate = "2026-10-01",
    ),
  )],
);
