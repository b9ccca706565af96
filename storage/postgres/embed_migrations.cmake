# Writes OUTPUT, a C++ source with the text and SHA-256 of every migration in FOLDER, in the order of
# their numbers. Run by the build (cmake -P), so that a binary carries the schema it was built for.
file(GLOB files ${FOLDER}/[0-9][0-9][0-9][0-9]_*.sql)
list(SORT files)
set(entries "")
set(expected 1)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  string(REGEX MATCH "^0*([0-9]+)_(.*)$" matched ${name})
  set(version ${CMAKE_MATCH_1})
  set(topic ${CMAKE_MATCH_2})
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "migration ${expected} is missing: found ${name}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(SHA256 ${file} checksum)
  file(READ ${file} text)
  string(APPEND entries "    {${version}, \"${topic}\", \"${checksum}\",\n     R\"kakuninsql(${text})kakuninsql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"storage/postgres/embedded_migrations.h\"

namespace kakunin {
namespace {

constexpr Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const Migration> EmbeddedMigrations() { return kMigrations; }

}  // namespace kakunin
")
