// Reports in a real browser: no fault in its console, every picture has a size, keys and choices work, phones need no
// scrolling.
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

// Runs before and after the page's own script; what it finds becomes the title.
constexpr const char* kWatch =
    "<script>window.faults = []; addEventListener('error', e => faults.push(e.message));</script>";
constexpr const char* kProbe = R"js(<script>
const shown = [...document.querySelectorAll('svg.chart')].filter(chart => chart.getClientRects().length > 0);
const sized = shown.filter(chart => {
  const box = chart.getBoundingClientRect(), ink = [...chart.querySelectorAll('path, circle')].map(part => part.getBoundingClientRect());
  return box.width > 150 && box.height > 150 && ink.some(part => part.width > 0 || part.height > 0);
});
const tip = document.getElementById('tip'), read = [];
for (const chart of shown) {
  chart.focus();
  for (const key of ['End', 'ArrowLeft', 'Home', 'ArrowRight'])
    chart.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  read.push(!tip.hidden && tip.textContent.length > 0);
  chart.blur();
}
const choices = [...document.querySelectorAll('input[data-by="by time"]')];
if (choices.length > 0) choices[0].click();
const before = document.documentElement.dataset.theme;
document.getElementById('theme').click();
document.title = JSON.stringify({
  faults, shown: shown.length, sized: sized.length, read: read.filter(Boolean).length, tipGone: tip.hidden,
  choices: choices.length, chosen: choices.filter(choice => choice.checked).length,
  still: [...document.querySelectorAll('svg.chart')].filter(chart => chart.getClientRects().length > 0).length,
  theme: before !== document.documentElement.dataset.theme, width: innerWidth,
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth });
</script>)js";

std::string browser() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (fs::exists(path)) return path;
  return "";
}

struct Browser : Cli {
  void SetUp() override {
    Cli::SetUp();
    if (browser().empty()) GTEST_SKIP() << "no browser: install Debian's package chromium";
  }
  // What the browser printed, at this width of its window.
  ChildResult open(const std::string& page, int width, const Words& more) {
    Words words{"120",
                browser(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--user-data-dir=" + folder + "/profile",
                "--window-size=" + std::to_string(width) + ",900",
                "--timeout=20000"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("file://" + fs::absolute(page).string());
    return Child("/usr/bin/timeout", words, folder).wait();
  }
  json probe(const std::string& page, int width) {
    std::string html = text_of_file(page);
    html.insert(html.find("<title>"), kWatch);
    html.insert(html.rfind("</body>"), kProbe);
    std::ofstream(folder + "/probed.html") << html;
    const ChildResult result = open(folder + "/probed.html", width, {"--dump-dom"});
    EXPECT_EQ(result.err.find("CONSOLE"), std::string::npos) << result.err;
    const size_t begin = result.out.find("<title>"), end = result.out.find("</title>");
    if (end == std::string::npos) {
      ADD_FAILURE() << "the browser showed nothing: " << result.code << " " << result.err;
      return {};
    }
    const json found = json::parse(result.out.substr(begin + 7, end - begin - 7), nullptr, false);
    EXPECT_TRUE(found.is_object()) << result.out.substr(begin, end - begin);
    return found;
  }
  void expect_works(const std::string& page, int pictures) {
    for (const int width : {1200, 360}) {
      const json found = probe(page, width);
      if (!found.is_object()) return;
      EXPECT_EQ(found["faults"], json::array()) << page;
      EXPECT_GE(found["shown"], pictures) << page;
      EXPECT_EQ(found["sized"], found["shown"]) << page << " " << found;
      EXPECT_EQ(found["read"], found["shown"]) << page << ": arrow keys must read values";
      EXPECT_EQ(found["tipGone"], true) << page;
      EXPECT_EQ(found["chosen"], found["choices"]) << page << ": a choice of the axis is one for all figures";
      EXPECT_EQ(found["still"], found["shown"]) << page;
      EXPECT_EQ(found["theme"], true) << page;
      EXPECT_EQ(found["overflow"], 0) << page << " at " << found["width"];
    }
  }
  void make_report(const Words& words, const std::string& page) {
    Words all{"report"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--out", page});
    const ChildResult result = run(all);
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, page + "\n");
  }
};

TEST_F(Browser, ShowsTheReportOfARunAndOfSeveral) {
  for (const char* name : {"/a", "/b"}) {
    const ChildResult trained =
        run(train({"--out", folder + name, "--validation-split", "0.1", "--seed", name[1] == 'a' ? "0" : "1"}, 3));
    ASSERT_EQ(trained.code, 0) << trained.err;
  }
  make_report({folder + "/a"}, folder + "/run.html");
  expect_works(folder + "/run.html", 3);
  make_report({"--compare", folder + "/a", folder + "/b"}, folder + "/compare.html");
  expect_works(folder + "/compare.html", 4);
}

TEST_F(Browser, ShowsTheReportsOfSweepsAndTunes) {
  for (const auto& [kind, pictures] : {std::pair{"sweep", 10}, {"tune", 4}}) {
    const std::string page = folder + "/" + kind + ".html";
    make_report({std::string(BATCHWISE_SOURCE_DIR "/tests/report/") + kind}, page);
    expect_works(page, pictures);
  }
}

TEST_F(Browser, DrawsThePageAndPrintsIt) {
  const std::string page = folder + "/tune.html";
  make_report({BATCHWISE_SOURCE_DIR "/tests/report/tune"}, page);
  open(page, 1200, {"--screenshot=" + folder + "/page.png"});
  EXPECT_GT(text_of_file(folder + "/page.png").size(), 20000u) << "an empty page is smaller";
  open(page, 1200, {"--print-to-pdf=" + folder + "/page.pdf"});
  EXPECT_TRUE(text_of_file(folder + "/page.pdf").starts_with("%PDF"));
}

}  // namespace
}  // namespace batchwise
