// The options of a loss as text: "key=value;key=value", a list as "a,b,c".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cppref {

inline std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> result;
  std::stringstream parts(text);
  for (std::string part; std::getline(parts, part, separator);) result.push_back(part);
  return result;
}

class LossOptions {
 public:
  explicit LossOptions(const char *text) {
    for (const std::string &part : split(text ? text : "", ';')) {
      const size_t equals = part.find('=');
      if (equals == std::string::npos) throw std::invalid_argument("'" + part + "': no key=value");
      values_[part.substr(0, equals)] = part.substr(equals + 1);
    }
  }

  std::string text(const std::string &key, const std::string &otherwise) const {
    known_.insert(key);
    const auto found = values_.find(key);
    return found == values_.end() ? otherwise : found->second;
  }

  std::optional<std::vector<double>> list(const std::string &key) const {
    const std::string given = text(key, "");
    if (given.empty()) return std::nullopt;
    std::vector<double> numbers;
    for (const std::string &part : split(given, ',')) {
      size_t end = 0;
      try {
        numbers.push_back(std::stod(part, &end));
      } catch (const std::exception &) {
      }
      if (end == 0 || end != part.size()) {
        throw std::invalid_argument(key + ": '" + part + "' is no number");
      }
    }
    return numbers;
  }

  /// A list of one number for each of `count`.
  std::optional<std::vector<double>> list(const std::string &key, int count) const {
    auto numbers = list(key);
    if (numbers && static_cast<int>(numbers->size()) != count) {
      throw std::invalid_argument(key + ": " + std::to_string(numbers->size()) + " numbers for " +
                                  std::to_string(count) + " classes");
    }
    return numbers;
  }

  /// The same, or a single number that holds for all.
  std::vector<double> each(const std::string &key, int count, double otherwise) const {
    const auto numbers = list(key);
    if (!numbers) return std::vector<double>(count, otherwise);
    if (numbers->size() == 1) return std::vector<double>(count, numbers->front());
    return *list(key, count);
  }

  double number(const std::string &key, double otherwise) const {
    return each(key, 1, otherwise).front();
  }

  bool flag(const std::string &key) const {
    const std::string given = text(key, "false");
    if (given != "true" && given != "false") {
      throw std::invalid_argument(key + ": expected true or false, received '" + given + "'");
    }
    return given == "true";
  }

  /// Throws for an option that nobody has asked for.
  void require_known(const std::string &loss) const {
    for (const auto &[key, value] : values_) {
      if (known_.count(key) == 0) throw std::invalid_argument(loss + ": no option '" + key + "'");
    }
  }

 private:
  std::map<std::string, std::string> values_;
  mutable std::set<std::string> known_;
};

}  // namespace cppref
