#pragma once

#include <pqxx/binarystring>
#include <pqxx/prepared_statement>
#include <pqxx/result>
#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/binary_array.h"

namespace kakunin {

// UnnestParameters is "$first::text[], ..." for arrays of `types`, to stand in an unnest.
std::string UnnestParameters(std::span<const ElementType> types, int first);

// ArrayParameters hands arrays and scalars in binary format to a statement of a pooled connection:
// a chunk of thousands of rows is one statement with one parameter a column. One statement's life;
// not thread-safe.
class ArrayParameters {
 public:
  void Add(std::string_view octets) { octets_.emplace_back(octets.data(), octets.size()); }
  void Add(const BinaryArray& array) { Add(array.octets()); }
  void Add(const BinaryScalar& scalar) { Add(scalar.octets()); }
  void Add(std::span<const BinaryArray> arrays) {
    for (const BinaryArray& array : arrays) Add(array);
  }

  // Exec runs `sql` with everything added as $1, $2, ...; throws what libpqxx throws.
  pqxx::result Exec(pqxx::transaction_base& work, const std::string& sql) const {
    return work.exec_params(sql, pqxx::prepare::make_dynamic_params(octets_));
  }

 private:
  std::vector<pqxx::binarystring> octets_;
};

}  // namespace kakunin
