import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/cards.css";
import "./styles/ask.css";
import "./styles/map.css";
import "./styles/route.css";
import "./styles/onward.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id `root`");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
