#include "server/application_input/application_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "server/application_input/application_fields.h"

namespace kakunin {
namespace {

constexpr std::string_view kNotADay = "存在する年月日を「2027-04-01」の形で入力してください。";
constexpr std::string_view kNotANumber = "半角数字で入力してください。";
constexpr std::string_view kNotAFlag = "true か false を入力してください。";

// Form takes the fields of one form by their names; what nobody took is unknown.
class Form {
 public:
  Form(std::span<const FormField> fields, FormReading& into) : fields_(fields), into_(into) {}

  std::string Text(std::string_view field) {
    known_.push_back(field);
    const auto found = std::ranges::find(fields_, field, &FormField::field);
    return found == fields_.end() ? std::string() : found->value;
  }
  std::optional<absl::CivilDay> Day(std::string_view field) {
    const std::string text = Text(field);
    if (text.empty()) return std::nullopt;
    const auto day = WrittenDay(text);
    if (!day) Add(field, kNotADay);
    return day;
  }
  template <class Number>
  std::optional<Number> Whole(std::string_view field) {
    const std::string text = Text(field);
    if (text.empty()) return std::nullopt;
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size() && number >= 0) {
      return number;
    }
    Add(field, kNotANumber);
    return std::nullopt;
  }
  std::optional<bool> Flag(std::string_view field) {
    const std::string text = Text(field);
    if (text.empty()) return std::nullopt;
    if (text != "true" && text != "false") {
      Add(field, kNotAFlag);
      return std::nullopt;
    }
    return text == "true";
  }
  template <class T, size_t kCount>
  std::optional<T> Choice(std::string_view field,
                          const std::array<std::pair<std::string_view, T>, kCount>& choices) {
    const std::string text = Text(field);
    if (text.empty()) return std::nullopt;
    std::string words;
    for (const auto& choice : choices) {
      if (choice.first == text) return choice.second;
      words += (words.empty() ? "" : "、") + std::string(choice.first);
    }
    Add(field, fmt::format("決められた値から選んでください（{}）。", words));
    return std::nullopt;
  }
  void RefuseUnknown() {
    for (const FormField& field : fields_) {
      if (std::ranges::find(known_, field.field) == known_.end()) {
        Add(field.field, "この名前の項目はありません。消してください。");
      }
    }
  }
  void Add(std::string_view field, std::string_view sentence) {
    into_.violations.push_back({std::string(field), std::string(sentence)});
  }

 private:
  const std::span<const FormField> fields_;
  FormReading& into_;
  std::vector<std::string_view> known_;
};

CardReaderOrder OrderOf(Form& form) {
  constexpr std::array kMakers = {
      std::pair<std::string_view, CardReaderMaker>{"fujitsu-japan", CardReaderMaker::kFujitsuJapan},
      std::pair<std::string_view, CardReaderMaker>{"panasonic-system-solutions-japan",
                                                   CardReaderMaker::kPanasonicSystemSolutionsJapan},
      std::pair<std::string_view, CardReaderMaker>{"almex", CardReaderMaker::kAlmex}};
  CardReaderOrder order;
  order.maker = form.Choice("card_reader_order.maker", kMakers);
  order.units = form.Whole<int>("card_reader_order.units");
  return order;
}

ServiceAddition AdditionOf(Form& form) {
  constexpr std::array kForms = {
      std::pair<std::string_view, FormOfCare>{"home-visit", FormOfCare::kHomeVisit},
      std::pair<std::string_view, FormOfCare>{"online-care", FormOfCare::kOnlineCare}};
  ServiceAddition addition;
  addition.form_of_care = form.Choice("form_of_care", kForms);
  addition.start_day = form.Day("start_day");
  return addition;
}

SubsidyRequest SubsidyOf(Form& form) {
  constexpr std::array kMeasures = {
      std::pair<std::string_view, SubsidyMeasure>{"system", SubsidyMeasure::kOutpatientSystem},
      std::pair<std::string_view, SubsidyMeasure>{"online-care", SubsidyMeasure::kOnlineCare},
      std::pair<std::string_view, SubsidyMeasure>{"home-visits", SubsidyMeasure::kHomeVisits},
      std::pair<std::string_view, SubsidyMeasure>{"restricted-type",
                                                  SubsidyMeasure::kRestrictedType}};
  SubsidyRequest request;
  SubsidyFacts& facts = request.facts;
  facts.measure = form.Choice("measure", kMeasures).value_or(SubsidyMeasure::kOutpatientSystem);
  facts.group_prescriptions = form.Whole<int64_t>("group_prescriptions");
  facts.readers = form.Whole<int>("readers");
  facts.reader_applied = form.Day("reader_applied");
  const std::string ground = form.Text("ground");
  facts.ground = RestrictedGroundNamed(ground);
  if (!ground.empty() && !facts.ground) form.Add("ground", "決められた根拠から選んでください。");
  facts.cost_yen = form.Whole<int64_t>("cost_yen");
  if (facts.cost_yen && *facts.cost_yen > kMostCostYen) {
    form.Add("cost_yen", "金額が大きすぎます。円で入力してください。");
    facts.cost_yen.reset();
  }
  facts.cost_includes_tax = form.Flag("cost_includes_tax").value_or(true);
  std::string documents = form.Text("documents");
  while (!documents.empty()) {
    const size_t comma = std::min(documents.find(','), documents.size());
    request.documents.push_back(documents.substr(0, comma));
    documents.erase(0, comma + 1);
  }
  return request;
}

FacilityClosure ClosureOf(Form& form) {
  FacilityClosure closure;
  closure.last_day = form.Day("last_day");
  closure.resume_day = form.Day("resume_day");
  return closure;
}

void ReadUse(std::span<const FormField> fields, FormReading& reading) {
  ApplicationRow row;
  for (const FormField& field : fields) row.texts.push_back({field.field, field.value});
  ReadRow read = ReadApplication(row);
  reading.violations = std::move(read.violations);
  reading.content.facility_code = read.application.use.facility_code;
  reading.content.value = std::move(read.application);
}

}  // namespace

FormReading ReadApplicationForm(ApplicationKind kind, std::span<const FormField> fields) {
  FormReading reading;
  if (kind == ApplicationKind::kUse) {
    ReadUse(fields, reading);
  } else {
    Form form(fields, reading);
    reading.content.facility_code = form.Text("facility_code");
    if (kind == ApplicationKind::kCardReaders) {
      reading.content.value = OrderOf(form);
    } else if (kind == ApplicationKind::kServiceAddition) {
      reading.content.value = AdditionOf(form);
    } else if (kind == ApplicationKind::kSubsidy) {
      reading.content.value = SubsidyOf(form);
    } else {
      reading.content.value = ClosureOf(form);
    }
    form.RefuseUnknown();
  }
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    if (std::find_if(fields.begin(), field, [&](const FormField& earlier) {
          return earlier.field == field->field;
        }) != field) {
      reading.violations.push_back({field->field, "同じ項目が2回あります。一つにしてください。"});
    }
  }
  return reading;
}

std::vector<std::string_view> FormFieldsOf(ApplicationKind kind) {
  switch (kind) {
    case ApplicationKind::kUse: {
      std::vector<std::string_view> fields;
      for (const ApplicationFieldFacts& facts : ApplicationFieldTable()) {
        fields.push_back(facts.field);
      }
      return fields;
    }
    case ApplicationKind::kCardReaders:
      return {"facility_code", "card_reader_order.maker", "card_reader_order.units"};
    case ApplicationKind::kServiceAddition:
      return {"facility_code", "form_of_care", "start_day"};
    case ApplicationKind::kSubsidy:
      return {"facility_code", "measure",  "group_prescriptions", "readers",  "reader_applied",
              "ground",        "cost_yen", "cost_includes_tax",   "documents"};
    case ApplicationKind::kClosure:
      return {"facility_code", "last_day", "resume_day"};
  }
  return {};
}

}  // namespace kakunin
