// Writes VENDOR.md beside the copied files: what they are, under which licence, and their checksums.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [site, axe] = process.argv.slice(2);
const files = [
  [site, "theme.css", "@digdir/designsystemet", "built by its command line from designsystemet.config.json (our own colours)"],
  [site, "designsystemet.css", "@digdir/designsystemet-css", ""],
  [site, "inter-latin.woff2", "@fontsource-variable/inter", "the typeface Inter"],
  [axe, "axe.min.js", "axe-core", "tests only"],
  [axe, "nb.json", "axe-core", "tests only"],
  [axe, "virtual-screen-reader.js", "@guidepup/virtual-screen-reader", "tests only"],
];
for (const folder of [site, axe]) {
  const rows = files.filter(([place]) => place === folder).map(([, file, name, note]) => {
    const about = JSON.parse(readFileSync(join("node_modules", name, "package.json"), "utf8"));
    const sum = createHash("sha256").update(readFileSync(join(folder, file))).digest("hex");
    return `| ${file} | ${name} | ${about.version} | ${about.license} | ${note} | \`${sum}\` |`;
  });
  const head = "# Files from others\n\nCopied by `shared/vendor/vendor.sh`; running the system needs no Node.\n\n";
  const table = "| file | package | version | licence | note | sha256 |\n|---|---|---|---|---|---|\n";
  writeFileSync(join(folder, "VENDOR.md"), `${head}${table}${rows.join("\n")}\n`);
}
