import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the central service. */
const CENTRE = "http://127.0.0.1:8480";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": CENTRE } },
  build: {
    target: "es2023",
    // A data: URL would be refused by the page's content security policy.
    assetsInlineLimit: 0,
    // The map engine alone is about 1 MB; it sits in a chunk of its own, cached across releases.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "maplibre", test: /node_modules[\\/]maplibre-gl/ }] },
      },
    },
  },
});
