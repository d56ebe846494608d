# Слова, що стоять у файлах для людей.

import-reason = Чому не прийнято
import-field = Поле
import-scientific = Таблиця скоротила число (на зразок 1,23E+11): задайте стовпцю текстовий формат і вивантажте ще раз
import-lost-digits = Число довше, ніж зберігає таблиця: останні цифри втрачено
import-unreadable = Літери не читаються: виберіть інше кодування
import-bad-value = Поле не приймає такого значення
import-no-year = У даті немає року
import-no-such-record = З такою назвою нічого немає
import-ambiguous = Підходить кілька записів
import-required = Не заповнено обов’язкове поле
import-not-allowed = Цей запис вам змінювати не можна
import-there = Уже є, а потрібні були лише нові
import-not-there = Ще немає, а потрібні були лише оновлення
import-trashed = Лежить у кошику
import-too-large = Більше, ніж уміщується в запис
import-changed-meanwhile = Хтось змінив запис, поки тривало завантаження
import-damaged = Запис на цьому пристрої поки не читається
export-yes = так
export-no = ні
