#include "domain/national_holidays.h"

namespace kakunin {
namespace {

using enum HolidayKind;
using Day = absl::CivilDay;

constexpr Holiday kHolidays[] = {
    {Day(2020, 1, 1), kNational, "元日"},           {Day(2020, 1, 13), kNational, "成人の日"},
    {Day(2020, 2, 11), kNational, "建国記念の日"},  {Day(2020, 2, 23), kNational, "天皇誕生日"},
    {Day(2020, 2, 24), kSubstitute, "振替休日"},    {Day(2020, 3, 20), kNational, "春分の日"},
    {Day(2020, 4, 29), kNational, "昭和の日"},      {Day(2020, 5, 3), kNational, "憲法記念日"},
    {Day(2020, 5, 4), kNational, "みどりの日"},     {Day(2020, 5, 5), kNational, "こどもの日"},
    {Day(2020, 5, 6), kSubstitute, "振替休日"},     {Day(2020, 7, 23), kNational, "海の日"},
    {Day(2020, 7, 24), kNational, "スポーツの日"},  {Day(2020, 8, 10), kNational, "山の日"},
    {Day(2020, 9, 21), kNational, "敬老の日"},      {Day(2020, 9, 22), kNational, "秋分の日"},
    {Day(2020, 11, 3), kNational, "文化の日"},      {Day(2020, 11, 23), kNational, "勤労感謝の日"},

    {Day(2021, 1, 1), kNational, "元日"},           {Day(2021, 1, 11), kNational, "成人の日"},
    {Day(2021, 2, 11), kNational, "建国記念の日"},  {Day(2021, 2, 23), kNational, "天皇誕生日"},
    {Day(2021, 3, 20), kNational, "春分の日"},      {Day(2021, 4, 29), kNational, "昭和の日"},
    {Day(2021, 5, 3), kNational, "憲法記念日"},     {Day(2021, 5, 4), kNational, "みどりの日"},
    {Day(2021, 5, 5), kNational, "こどもの日"},     {Day(2021, 7, 22), kNational, "海の日"},
    {Day(2021, 7, 23), kNational, "スポーツの日"},  {Day(2021, 8, 8), kNational, "山の日"},
    {Day(2021, 8, 9), kSubstitute, "振替休日"},     {Day(2021, 9, 20), kNational, "敬老の日"},
    {Day(2021, 9, 23), kNational, "秋分の日"},      {Day(2021, 11, 3), kNational, "文化の日"},
    {Day(2021, 11, 23), kNational, "勤労感謝の日"},

    {Day(2022, 1, 1), kNational, "元日"},           {Day(2022, 1, 10), kNational, "成人の日"},
    {Day(2022, 2, 11), kNational, "建国記念の日"},  {Day(2022, 2, 23), kNational, "天皇誕生日"},
    {Day(2022, 3, 21), kNational, "春分の日"},      {Day(2022, 4, 29), kNational, "昭和の日"},
    {Day(2022, 5, 3), kNational, "憲法記念日"},     {Day(2022, 5, 4), kNational, "みどりの日"},
    {Day(2022, 5, 5), kNational, "こどもの日"},     {Day(2022, 7, 18), kNational, "海の日"},
    {Day(2022, 8, 11), kNational, "山の日"},        {Day(2022, 9, 19), kNational, "敬老の日"},
    {Day(2022, 9, 23), kNational, "秋分の日"},      {Day(2022, 10, 10), kNational, "スポーツの日"},
    {Day(2022, 11, 3), kNational, "文化の日"},      {Day(2022, 11, 23), kNational, "勤労感謝の日"},

    {Day(2023, 1, 1), kNational, "元日"},           {Day(2023, 1, 2), kSubstitute, "振替休日"},
    {Day(2023, 1, 9), kNational, "成人の日"},       {Day(2023, 2, 11), kNational, "建国記念の日"},
    {Day(2023, 2, 23), kNational, "天皇誕生日"},    {Day(2023, 3, 21), kNational, "春分の日"},
    {Day(2023, 4, 29), kNational, "昭和の日"},      {Day(2023, 5, 3), kNational, "憲法記念日"},
    {Day(2023, 5, 4), kNational, "みどりの日"},     {Day(2023, 5, 5), kNational, "こどもの日"},
    {Day(2023, 7, 17), kNational, "海の日"},        {Day(2023, 8, 11), kNational, "山の日"},
    {Day(2023, 9, 18), kNational, "敬老の日"},      {Day(2023, 9, 23), kNational, "秋分の日"},
    {Day(2023, 10, 9), kNational, "スポーツの日"},  {Day(2023, 11, 3), kNational, "文化の日"},
    {Day(2023, 11, 23), kNational, "勤労感謝の日"},

    {Day(2024, 1, 1), kNational, "元日"},           {Day(2024, 1, 8), kNational, "成人の日"},
    {Day(2024, 2, 11), kNational, "建国記念の日"},  {Day(2024, 2, 12), kSubstitute, "振替休日"},
    {Day(2024, 2, 23), kNational, "天皇誕生日"},    {Day(2024, 3, 20), kNational, "春分の日"},
    {Day(2024, 4, 29), kNational, "昭和の日"},      {Day(2024, 5, 3), kNational, "憲法記念日"},
    {Day(2024, 5, 4), kNational, "みどりの日"},     {Day(2024, 5, 5), kNational, "こどもの日"},
    {Day(2024, 5, 6), kSubstitute, "振替休日"},     {Day(2024, 7, 15), kNational, "海の日"},
    {Day(2024, 8, 11), kNational, "山の日"},        {Day(2024, 8, 12), kSubstitute, "振替休日"},
    {Day(2024, 9, 16), kNational, "敬老の日"},      {Day(2024, 9, 22), kNational, "秋分の日"},
    {Day(2024, 9, 23), kSubstitute, "振替休日"},    {Day(2024, 10, 14), kNational, "スポーツの日"},
    {Day(2024, 11, 3), kNational, "文化の日"},      {Day(2024, 11, 4), kSubstitute, "振替休日"},
    {Day(2024, 11, 23), kNational, "勤労感謝の日"},

    {Day(2025, 1, 1), kNational, "元日"},           {Day(2025, 1, 13), kNational, "成人の日"},
    {Day(2025, 2, 11), kNational, "建国記念の日"},  {Day(2025, 2, 23), kNational, "天皇誕生日"},
    {Day(2025, 2, 24), kSubstitute, "振替休日"},    {Day(2025, 3, 20), kNational, "春分の日"},
    {Day(2025, 4, 29), kNational, "昭和の日"},      {Day(2025, 5, 3), kNational, "憲法記念日"},
    {Day(2025, 5, 4), kNational, "みどりの日"},     {Day(2025, 5, 5), kNational, "こどもの日"},
    {Day(2025, 5, 6), kSubstitute, "振替休日"},     {Day(2025, 7, 21), kNational, "海の日"},
    {Day(2025, 8, 11), kNational, "山の日"},        {Day(2025, 9, 15), kNational, "敬老の日"},
    {Day(2025, 9, 23), kNational, "秋分の日"},      {Day(2025, 10, 13), kNational, "スポーツの日"},
    {Day(2025, 11, 3), kNational, "文化の日"},      {Day(2025, 11, 23), kNational, "勤労感謝の日"},
    {Day(2025, 11, 24), kSubstitute, "振替休日"},

    {Day(2026, 1, 1), kNational, "元日"},           {Day(2026, 1, 12), kNational, "成人の日"},
    {Day(2026, 2, 11), kNational, "建国記念の日"},  {Day(2026, 2, 23), kNational, "天皇誕生日"},
    {Day(2026, 3, 20), kNational, "春分の日"},      {Day(2026, 4, 29), kNational, "昭和の日"},
    {Day(2026, 5, 3), kNational, "憲法記念日"},     {Day(2026, 5, 4), kNational, "みどりの日"},
    {Day(2026, 5, 5), kNational, "こどもの日"},     {Day(2026, 5, 6), kSubstitute, "振替休日"},
    {Day(2026, 7, 20), kNational, "海の日"},        {Day(2026, 8, 11), kNational, "山の日"},
    {Day(2026, 9, 21), kNational, "敬老の日"},      {Day(2026, 9, 22), kCitizens, "国民の休日"},
    {Day(2026, 9, 23), kNational, "秋分の日"},      {Day(2026, 10, 12), kNational, "スポーツの日"},
    {Day(2026, 11, 3), kNational, "文化の日"},      {Day(2026, 11, 23), kNational, "勤労感謝の日"},

    {Day(2027, 1, 1), kNational, "元日"},           {Day(2027, 1, 11), kNational, "成人の日"},
    {Day(2027, 2, 11), kNational, "建国記念の日"},  {Day(2027, 2, 23), kNational, "天皇誕生日"},
    {Day(2027, 3, 21), kNational, "春分の日"},      {Day(2027, 3, 22), kSubstitute, "振替休日"},
    {Day(2027, 4, 29), kNational, "昭和の日"},      {Day(2027, 5, 3), kNational, "憲法記念日"},
    {Day(2027, 5, 4), kNational, "みどりの日"},     {Day(2027, 5, 5), kNational, "こどもの日"},
    {Day(2027, 7, 19), kNational, "海の日"},        {Day(2027, 8, 11), kNational, "山の日"},
    {Day(2027, 9, 20), kNational, "敬老の日"},      {Day(2027, 9, 23), kNational, "秋分の日"},
    {Day(2027, 10, 11), kNational, "スポーツの日"}, {Day(2027, 11, 3), kNational, "文化の日"},
    {Day(2027, 11, 23), kNational, "勤労感謝の日"},
};

}  // namespace

std::span<const Holiday> NationalHolidays() { return kHolidays; }

}  // namespace kakunin
