# Writes OUTPUT, a C++ source with every file of FOLDER, but for its folder EXCLUDE if that is named. Run by the build (cmake -P), so that a
# binary serves the page that it was built with.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.html ${FOLDER}/*.css ${FOLDER}/*.js ${FOLDER}/*.svg)
if(EXCLUDE)
  list(FILTER files EXCLUDE REGEX "^${EXCLUDE}/")
endif()
list(SORT files)
set(types_html "text/html; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_svg "image/svg+xml")
set(entries "")
foreach(file IN LISTS files)
  string(REGEX MATCH "[a-z]+$" extension ${file})
  file(READ ${FOLDER}/${file} text)
  # A literal holds 65,536 characters by the standard; the files of the page are far below.
  string(APPEND entries "    {\"/${file}\", \"${types_${extension}}\",\n     R\"kakuninweb(${text})kakuninweb\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"server/http/web_files.h\"

namespace kakunin {
namespace {

constexpr WebFile kFiles[] = {
${entries}};

}  // namespace

std::span<const WebFile> AllWebFiles() { return kFiles; }

}  // namespace kakunin
")
