#!/bin/sh
# Copies the pinned browser files into the kit. Needed only to change a version: the copies are committed.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
npx designsystemet tokens create --config designsystemet.config.json --clean
npx designsystemet tokens build -t design-tokens -o build
out=../shared/kit/web/static/vendor
axe=../../tests/browser/vendor
mkdir -p "$out" "$axe"
cp build/selvhjelp.css "$out/theme.css"
cp node_modules/@digdir/designsystemet-css/dist/src/index.css "$out/designsystemet.css"
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 "$out/inter-latin.woff2"
cp node_modules/axe-core/axe.min.js "$axe/axe.min.js"
cp node_modules/axe-core/locales/nb.json "$axe/nb.json"
grep -v '^//# sourceMappingURL' node_modules/@guidepup/virtual-screen-reader/lib/esm/index.browser.js >"$axe/virtual-screen-reader.js"
for package in @digdir/designsystemet-css @fontsource-variable/inter; do
  cp "node_modules/$package/LICENSE" "$out/LICENSE-$(basename "$package").md"
done
cp node_modules/axe-core/LICENSE "$axe/LICENSE-axe-core.md"
cp node_modules/@guidepup/virtual-screen-reader/LICENSE "$axe/LICENSE-virtual-screen-reader.md"
node vendor-list.mjs "$out" "$axe"
